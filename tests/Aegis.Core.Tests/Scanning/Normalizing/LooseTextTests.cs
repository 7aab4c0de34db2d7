using Aegis.Scanning.Normalizing;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Normalizing;

public class LooseTextTests
{
    [Theory]
    [InlineData("I g n o r e  a-l-l", "ignoreaii")]
    [InlineData("1gn0r3 4ll pr3v10us", "ignoreaiiprevious")]
    [InlineData("p@$$w0rd!", "password")]
    [InlineData("Hello, 42 times", "heiiotimes")]
    [InlineData("!gnore 17 now 12345", "ignoreitnow")]
    [InlineData("иг но рируйте", "игнорируите")]
    public void OnlyLettersAreLeft(string text, string letters) => Assert.Equal(letters, Loose(text));

    [Fact]
    public void ARangeStandsInTheOriginal()
    {
        using var canonical = CanonicalText.Of("Now: i-g-n-o-r-e it");
        using var loose = LooseText.Of(canonical);
        Assert.Equal("nowignoreit", loose.Text);
        Assert.Equal(new(5, 16), loose.RangeOf(3, 6));
    }

    [Fact]
    public void WhatStandsBetweenLettersChangesNothing() =>
        Gen.Select(Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz"], 1, 40], Gen.Char[" -._*/\n"].Array[40]).Sample((word, gaps) =>
            Assert.Equal(Loose(word), Loose(string.Concat(word.Select((c, i) => $"{c}{gaps[i]}")))));

    private static string Loose(string text)
    {
        using var canonical = CanonicalText.Of(text);
        using var loose = LooseText.Of(canonical);
        return loose.Text.ToString();
    }
}
