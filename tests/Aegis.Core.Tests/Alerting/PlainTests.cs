using Aegis.Alerting;
using CsCheck;

namespace Aegis.Core.Tests.Alerting;

public class PlainTests
{
    [Theory]
    [InlineData("a\r\nWARN forged", "a\uFFFD\uFFFDWARN forged")]
    [InlineData("\u001b[31mred\u001b[0m", "\uFFFD[31mred\uFFFD[0m")]
    [InlineData("a\u202Etxt.exe", "a\uFFFDtxt.exe")]
    [InlineData("\u2066a\u2069", "\uFFFDa\uFFFD")]
    [InlineData("a\u0085b\u2028c\u2029d", "a\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("\u009b31m", "\uFFFD31m")]
    [InlineData("zero\u200Bwidth\uFEFF", "zero\uFFFDwidth\uFFFD")]
    [InlineData("a\uFE0Fb\uFE00", "a\uFFFDb\uFFFD")]                           // variation selectors
    [InlineData("a\u3164b\u115F\u1160\uFFA0c", "a\uFFFDb\uFFFD\uFFFD\uFFFDc")]   // Hangul fillers
    [InlineData("a\u034Fb\u17B4c\u180Bd", "a\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("a\U000E0101b\U000E0041", "a\uFFFDb\uFFFD")]                     // more of them, and tags
    [InlineData("Grüße 😀 漢字", "Grüße 😀 漢字")]
    [InlineData(null, "")]
    public void WhatDoesNotBelongIsReplaced(string? text, string plain) => Assert.Equal(plain, Plain.Of(text));

    [Fact]
    public void AHalfOfACharacterIsReplaced() => Assert.Equal("\uFFFD alone", Plain.Of("\uD800 alone"));   // an attribute cannot say it

    [Fact]
    public void NothingLongOrUnseenComesOutOfAnyText() => Gen.String.Sample(static text =>
    {
        var plain = Plain.Of(text + text);
        Assert.True(plain.Length <= Plain.MaxLength);
        Assert.DoesNotContain(plain, char.IsControl);
        Assert.Equal(plain, Plain.Of(plain));
    });

    [Fact]
    public void ALongOneIsCutBetweenCharacters() => Assert.Equal(255, Plain.Of("a" + string.Concat(Enumerable.Repeat("😀", 200))).Length);
}
