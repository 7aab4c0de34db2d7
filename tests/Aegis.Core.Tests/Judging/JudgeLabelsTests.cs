using Aegis.Judging;
using CsCheck;

namespace Aegis.Core.Tests.Judging;

/// <summary>Numbered labels in place of private values.</summary>
public class JudgeLabelsTests
{
    [Fact]
    public void TheSameValueHasTheSameLabelInAllTextsOfAQuestion()
    {
        var labels = new JudgeLabels();
        Assert.Equal("to [EMAIL-1] and [EMAIL-2]", Of(labels, "to a.b@quellbruck-optik.de and e.f@quellbruck-optik.de"));
        Assert.Equal("[EMAIL-2], not [EMAIL-1]", Of(labels, "e.f@quellbruck-optik.de, not A.B@Quellbruck-Optik.de"));
        Assert.Equal("[EMAIL-1]", Of(new(), "e.f@quellbruck-optik.de"));
    }

    [Theory]
    [InlineData("[EMAIL-1]")]
    [InlineData("[email-1]")]
    [InlineData("[ Email\u20111 ]")]
    [InlineData("[EMAIL 1]")]
    [InlineData("［ＥＭＡＩＬ－１］")]
    [InlineData("[E-MAIL-1]")]
    [InlineData("[LABEL-1]")]
    public void NobodyCanWriteThatTwoValuesAreOne(string written)
    {
        var labels = new JudgeLabels();
        Assert.Equal("[EMAIL-1]", Of(labels, "a.b@quellbruck-optik.de"));
        Assert.Equal("to [LABEL-1], which is [EMAIL-2]; [LABEL-1]", Of(labels, $"to {written}, which is e.f@quellbruck-optik.de; {written}"));
    }

    [Theory]
    [InlineData("see [1], [Figure 2], a[i], [[x]], [EMAIL], [EMAIL-], [-1], [")]
    [InlineData("[EMAIL [1]")]
    public void OtherBracketsStay(string text) => Assert.Equal(text, Of(new(), text));

    [Fact]
    public void APartOfATextShowsNoPartOfAValue()
    {
        const string Text = "from a.b@quellbruck-optik.de to nobody";
        for (var start = 0; start <= Text.Length; start++)
        {
            for (var end = start; end <= Text.Length; end++)
            {
                var shown = new JudgeLabels().Of(Text, start, end);
                Assert.DoesNotContain("b@q", shown, StringComparison.Ordinal);
                Assert.DoesNotContain("optik", shown, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void WhatCanBeSentStaysAsItIs() =>
        Gen.String[Gen.Char[' ', '\uFFFF'], 0, 40].Sample(text =>
        {
            var shown = Of(new(), text);
            Assert.Equal(text.Length, shown.Length);
            Assert.DoesNotContain(shown.EnumerateRunes(), rune => rune.Value == 0xFFFD && !text.Contains('\uFFFD', StringComparison.Ordinal) && !text.Any(char.IsSurrogate));
            Assert.Equal(shown, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(shown)));
        });

    private static string Of(JudgeLabels labels, string text) => labels.Of(text, 0, text.Length);
}
