using Aegis.Scanning.Rules;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Rules;

public class KeywordAutomatonTests
{
    private static readonly Gen<string> Words = Gen.Char["abcä語"].Array[1, 4].Select(static chars => new string(chars));

    [Fact]
    public void ItFindsExactlyTheKeywordsThatStandInTheText() => Gen.Select(Words.Array[0, 12], Gen.Char["abcä語x"].Array[0, 40].Select(static chars => new string(chars))).Sample(static (keywords, text) =>
        Assert.Equal(keywords.Select(keyword => text.Contains(keyword, StringComparison.Ordinal)), Found(keywords, text)), iter: 20_000);

    [Fact]
    public void WhatWasFoundBeforeStaysFound()
    {
        var found = new[] { true, false };
        new KeywordAutomaton(["a", "b"]).Mark("xb", found);
        Assert.Equal([true, true], found);
    }

    private static bool[] Found(string[] keywords, string text)
    {
        var found = new bool[keywords.Length];
        new KeywordAutomaton(keywords).Mark(text, found);
        return found;
    }
}
