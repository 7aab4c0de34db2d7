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
