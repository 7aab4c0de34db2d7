using Aegis.Policies.Analysis;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Policies.Analysis;

public class GlobAlgebraTests
{
    private static readonly Gen<string> Globs = Gen.Char["ab*?_-"].Array[1, 5].Select(static chars => new string(chars));

    private static readonly string[] Names = [.. All("ab_x", 4)];

    [Theory]
    [InlineData("*", "read_*", true)]
    [InlineData("read_*", "*", false)]
    [InlineData("read_*", "read-page", true)]
    [InlineData("a*b", "a?b", true)]
    [InlineData("a?b", "a*b", false)]
    [InlineData("*_admin", "delete_*", false)]
    [InlineData("A*", "a", true)]
    public void AGlobContainsAnother(string all, string part, bool expected) => Assert.Equal(expected, GlobAlgebra.Contains([all], [part]));

    [Fact]
    public void SeveralGlobsTogetherMayContainOne() => Assert.True(GlobAlgebra.Contains(["a*", "b*"], ["?"]) is false && GlobAlgebra.Contains(["a*", "?", "??*"], ["*"]));

    [Fact]
    public void WhatIsSaidOfAllNamesHoldsForEach() => Gen.Select(Globs.Array[0, 3], Globs.Array[1, 2]).Sample(static (all, part) =>
    {
        var isPart = (string name) => part.Any(glob => Matches(glob, name));
        var isAll = (string name) => all.Any(glob => Matches(glob, name));
        if (GlobAlgebra.Contains(all, part))
        {
            Assert.DoesNotContain(Names, name => isPart(name) && !isAll(name));
        }

        if (GlobAlgebra.AreDisjoint(all, part))
        {
            Assert.DoesNotContain(Names, name => isPart(name) && isAll(name));
        }
    }, iter: 2_000);

    [Fact]
    public void OfSmallGlobsItSaysExactlyWhatIsTrue()
    {
        string[] globs = [.. All("ab*?_", 3)];
        string[][] sets = [[], .. globs.Select(static glob => new[] { glob }), .. globs.Where(static glob => glob.Length == 1).SelectMany(one => globs.Where(static glob => glob.Length < 3).Select(two => new[] { one, two }))];
        var names = sets.ToDictionary(static set => set, static set => Names.Where(name => set.Any(glob => Matches(glob, name))).ToHashSet(StringComparer.Ordinal));
        foreach (var (part, inPart) in names.Where(static set => set.Key.Length == 1))
        {
            foreach (var (all, inAll) in names)
            {
                Assert.True(GlobAlgebra.Contains(all, part) == inPart.IsSubsetOf(inAll), $"[{string.Join(' ', all)}] and {part[0]}");
            }
        }
    }

    [Fact]
    public void ASearchThatGrowsTooLargeSaysNo()
    {
        string[] globs = [.. Enumerable.Range(0, 12).Select(static i => $"*{(char)('a' + i)}?????????{(char)('m' + i)}*")];
        Assert.False(GlobAlgebra.Contains(globs, ["*a*b*c*d*e*f*g*h*"]));
    }

    private static bool Matches(string glob, string name) => new Glob(glob).MatchesPlain(ToolName.Of(name));

    private static IEnumerable<string> All(string letters, int longest) =>
        longest == 0 ? [] : letters.Select(static c => $"{c}").Concat(All(letters, longest - 1).SelectMany(name => letters.Select(c => name + c))).Distinct(StringComparer.Ordinal);
}
