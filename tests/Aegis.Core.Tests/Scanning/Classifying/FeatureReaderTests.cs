using Aegis.Scanning.Classifying;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Classifying;

public class FeatureReaderTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.OneOf("ignore ", "previous ", "instructions", ", ", "忽略", "指令", "\n", "ไม่", "नियम ", "a", "it's ", "\uD83D\uDE00", "\uD800", "\u0301").Array[0, 200].Select(string.Concat));

    [Fact]
    public void EveryFeatureHasANumberAndComesFromLeftToRight() => Texts.Sample(static text =>
    {
        var read = Read(text);
        Assert.All(read.Features, static feature => Assert.InRange(feature.Number, 0, FeatureReader.Count(ConceptLexicon.BuiltIn.Names.Count) - 1));
        Assert.Equal(read.Features.Select(static feature => feature.Unit).Order(), read.Features.Select(static feature => feature.Unit));
        Assert.Equal(read.Starts.Order(), read.Starts);
        Assert.True(read.Features.Count <= 40 * (text.Length + 1), "a character has a bounded number of features");
    });

    [Fact]
    public void AWordCountsTwoUnitsAndACharacterOfAScriptWithoutBlanksOne()
    {
        Assert.Equal([0, 0, 4, 4], Read("two words").Starts);
        Assert.Equal([0, 1, 2, 2], Read("忽略ab").Starts);
        Assert.Empty(Read("... !").Starts);
    }

    [Fact]
    public void WhatStandsInAWindowTwiceCountsOnce()
    {
        Assert.Equal(2, Read("zebra zebra zebra").Features.Count);   // the word, and the two in a row
        var apart = Read("zebra " + string.Join(' ', Enumerable.Range(0, 40)) + " zebra");
        var zebra = Assert.Single(Read("zebra").Features).Number;
        Assert.Equal([1, 83], apart.Features.Where(feature => feature.Number == zebra).Select(static feature => feature.Unit));
    }

    private static FeatureRecord Read(string text) => FeatureReader<FeatureRecord>.Read(ConceptLexicon.BuiltIn, text, new long[FeatureReader.MemorySize], new());
}
