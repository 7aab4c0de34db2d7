using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Prompting;

namespace Aegis.Core.Tests.Policies.Analysis;

public class MarkingPolicyTests
{
    private static readonly AegisPolicy Marking = Given.Open with { Input = new() { RequireQuarantine = true } };

    [Theory]
    [InlineData("datamarking", MarkingStrategy.Datamarking)]
    [InlineData("delimiters", MarkingStrategy.Delimiters)]
    [InlineData("encoding", MarkingStrategy.Encoding)]
    [InlineData("json", MarkingStrategy.Json)]
    public void ADocumentSaysWhetherAndHow(string word, MarkingStrategy strategy) =>
        Assert.True(AegisPolicy.Parse($$"""{ "input": { "requireQuarantine": true, "marking": "{{word}}" } }""", PolicyFormat.Json).Input is { RequireQuarantine: true } input && input.Marking == strategy);

    [Fact]
    public void OnlyStrictAndParanoidAndWhatExtendsThemRequireIt() =>
        Assert.Equal(["strict", "paranoid", "banking", "healthcare"], Presets.Names.Where(static name => AegisPolicy.Preset(name).Input.RequireQuarantine));

    [Fact]
    public void SwitchingItOffIsWiderAndAnotherWayIsNot()
    {
        Assert.True(Marking.IsNarrowerThan(Given.Open));
        Assert.False(Given.Open.IsNarrowerThan(Marking));
        Assert.True((Marking with { Input = Marking.Input with { Marking = MarkingStrategy.Json } }).IsNarrowerThan(Marking));
    }

    [Fact]
    public void AWayOfMarkingThatNothingMarksIsNoted()
    {
        Assert.Contains(PolicyAnalyzer.Analyze(AegisPolicy.Parse("""{ "extends": "balanced", "input": { "marking": "json" } }""", PolicyFormat.Json)), static note => note.Code == PolicyAnalyzer.Idle && note.Path == "$.input.marking");
        Assert.DoesNotContain(PolicyAnalyzer.Analyze(AegisPolicy.Parse("""{ "extends": "strict", "input": { "marking": "json" } }""", PolicyFormat.Json)), static note => note.Path == "$.input.marking");
    }

    [Fact]
    public void ItIsExplained()
    {
        Assert.Contains(PolicyExplanation.Of(Marking).Checkpoints.SelectMany(static checkpoint => checkpoint.Guards), static guard => guard == ("marking", "what passes enters the model only marked: a random character stands before every word"));
        Assert.DoesNotContain(PolicyExplanation.Of(Given.Open).Checkpoints.SelectMany(static checkpoint => checkpoint.Guards), static guard => guard.Guard == "marking");
    }

    [Fact]
    public void WhatIsNoWayOfMarkingIsRefused() => Assert.Contains("AEG113", Assert.Throws<PolicyException>(static () => AegisPolicy.Parse("""{ "input": { "marking": "rot13" } }""", PolicyFormat.Json)).Message, StringComparison.Ordinal);
}
