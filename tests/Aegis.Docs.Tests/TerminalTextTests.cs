using GuardedAgent;

namespace Aegis.Docs.Tests;

public class TerminalTextTests
{
    [Theory]
    [InlineData("plain text, naïve 日本 😀", "plain text, naïve 日本 😀")]
    [InlineData("\u001b[2J\u001b]0;title\a", "<U+001B>[2J<U+001B>]0;title<U+0007>")]
    [InlineData("a\r\nb\tc\b", "a<U+000D><U+000A>b<U+0009>c<U+0008>")]
    [InlineData("\u009b31m", "<U+009B>31m")]
    [InlineData("pay \u202Eecila\u202C \u2066x\u2069\u200F\u061C", "pay <U+202E>ecila<U+202C> <U+2066>x<U+2069><U+200F><U+061C>")]
    [InlineData("a\u200Bb\u00ADc\uFEFF", "a<U+200B>b<U+00AD>c<U+FEFF>")]
    [InlineData("\u2028\u2029\u00A0\u3164\u2800\uFE0F", "<U+2028><U+2029><U+00A0><U+3164><U+2800><U+FE0F>")]
    [InlineData("\U000E0041", "<U+E0041>")]
    public void WhatATerminalWouldObeyOrNotShowIsShownByItsNumber(string text, string shown) => Assert.Equal(shown, TerminalText.Visible(text));

    [Fact]
    public void NothingThatATerminalObeysComesThrough()
    {
        var everything = string.Concat(Enumerable.Range(0, char.MaxValue + 1).Select(static c => (char)c).Where(static c => !char.IsSurrogate(c)));
        var shown = TerminalText.Visible(everything, int.MaxValue);
        Assert.DoesNotContain(shown, static c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator);
    }

    [Fact]
    public void HalfACharacterIsAReplacementAndALongTextIsCut()
    {
        Assert.Equal("a\uFFFDb", TerminalText.Visible("a\uD83Db"));
        Assert.Equal("aaa… <7 more characters>", TerminalText.Visible(new string('a', 10), 3));
    }
}
