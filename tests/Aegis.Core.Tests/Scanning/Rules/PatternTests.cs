using Aegis.Scanning.Rules;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Rules;

public class PatternTests
{
    /// <summary>What is not built when it is read can be built: the engine's own count and ours differ a little.</summary>
    [Fact]
    public void WhatIsSurelySmallIsNeverTooLargeForTheEngine() => Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("[a-z]"), Gen.Const("(ab|cd|ef)"), Gen.Const(@"\w"), Gen.Const(@"\S")).Array[1, 6], Gen.Int[1, 256].Array[6]).Sample(
        static (atoms, repeats) =>
        {
            var source = string.Concat(atoms.Select((atom, i) => $"{atom}{{1,{repeats[i]}}}"));
            Pattern pattern;
            try
            {
                pattern = Pattern.Parse(source);
            }
            catch (PatternException)
            {
                return;
            }

            pattern.Find("zzz");
        },
        iter: 300);

    [Theory]
    [InlineData("((aa|bb|cc|dd|ee|ff|gg|hh|ii|jj|kk|ll|mm|nn|oo|pp|qq|rr|ss|tt|uu|vv|ww|xx|yy|zz){1,16}){1,16}")]
    public void WhatIsTooLargeIsRefusedWhenItIsRead(string source) => Assert.Contains("too large", Assert.Throws<PatternException>(() => Pattern.Parse(source)).Message, StringComparison.Ordinal);
}
