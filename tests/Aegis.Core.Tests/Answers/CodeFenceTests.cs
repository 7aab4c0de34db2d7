using Aegis.Answers;
using CsCheck;

namespace Aegis.Core.Tests.Answers;

public class CodeFenceTests
{
    [Theory]
    [InlineData("text", false)]
    [InlineData("```", false)]
    [InlineData("```\n", true)]
    [InlineData("a\n```html\n<b>", true)]
    [InlineData("   ~~~ sql\nselect", true)]
    [InlineData("    ```\ncode by indent", false)]
    [InlineData("a ```\nb", false)]
    [InlineData("``` a ` b\n", false)]
    [InlineData("```\ncode\n```\n", false)]
    [InlineData("````\n```\n", true)]
    [InlineData("````\n`````  \n", false)]
    [InlineData("```\n~~~\n", true)]
    [InlineData("```\n``` html\n", true)]
    [InlineData("~~~~ ``` ~~~\ncode", true)]
    public void AFenceOpensAndClosesAsInCommonMark(string text, bool isOpen) => Assert.Equal(isOpen, default(CodeFence).Behind(text).IsOpen);

    [Fact]
    public void WhereATextIsCutMakesNoDifference() => Gen.Select(Gen.String[Gen.Char["`~\n a"], 0, 40], Gen.Int[0, 40]).Sample((text, cut) =>
    {
        cut = Math.Min(cut, text.Length);
        Assert.Equal(default(CodeFence).Behind(text), default(CodeFence).Behind(text.AsSpan(0, cut)).Behind(text.AsSpan(cut)));
    });
}
