using Aegis.Scanning.Sensitive;

namespace Aegis.Core.Tests.Scanning.Sensitive;

/// <summary>Each kind of value proves itself by its examples.</summary>
public class SensitiveRulesTests
{
    public static TheoryData<string> Ids => [.. SensitiveRules.BuiltIn.Concat(SensitiveRules.Payloads).Select(static rule => rule.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void ARuleHasThreeExamplesOfWhatItFindsAndOfWhatItPasses(string id)
    {
        var (_, match, pass) = Of(id);
        Assert.True(match.Count >= 3 && pass.Count >= 3);
    }

    [Theory, MemberData(nameof(Ids))]
    public void ItsExamplesAreFoundWhereTheyStand(string id)
    {
        var (rule, match, _) = Of(id);
        foreach (var example in match)
        {
            var (text, values) = SensitiveExamples.Unmarked(example);
            Assert.NotEmpty(values);
            Assert.True(values.All(Find(text, rule).Contains), $"{id} does not find exactly the value of: {example}");
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void NothingIsFoundInItsCounterexamples(string id)
    {
        var (rule, _, pass) = Of(id);
        Assert.DoesNotContain(pass, example => Find(SensitiveExamples.Unmarked(example).Text, rule).Count > 0);
    }

    [Theory, MemberData(nameof(Ids))]
    public void WithAllRulesTogetherTheValuesOfItsExamplesAreFoundToo(string id)
    {
        var scanner = Of(id).Rule.Kind == SensitiveKind.Payload ? new(SensitiveRules.Payloads) : SensitiveRules.For(personal: true, secrets: true)!;
        foreach (var (text, values) in Of(id).Match.Select(SensitiveExamples.Unmarked))
        {
            var hits = new List<SensitiveHit>();
            scanner.Read(text, 0, text.Length, isLast: true, hits);
            Assert.All(values, value => Assert.Contains(hits, hit => hit.Range.Start <= value.Start && hit.Range.End >= value.Start + 1));
        }
    }

    [Fact]
    public void IdsAreNotTakenTwice() => Assert.Equal(SensitiveRules.BuiltIn.Count, SensitiveRules.BuiltIn.DistinctBy(static rule => rule.Id).Count());

    [Theory]
    [InlineData("Order 4539148803436468 has shipped.")]
    [InlineData("Version 1.2.3.4 of the library, build 20240611.")]
    [InlineData("The Bearer of bad news will be late.")]
    [InlineData("Invoice 123456789 and ticket 9876543210987654 are paid.")]
    [InlineData("password: please choose one with 12 characters")]
    [InlineData("api_key=YOUR_API_KEY, token=${TOKEN}, secret=<secret>, pip install sk-learn")]
    [InlineData("commit 9fceb02d0ae598e95dc970b74767f19372d61af8, id 123e4567-e89b-12d3-a456-426614174000")]
    public void WhatOnlyLooksLikeAValueIsLeftAlone(string text)
    {
        var hits = new List<SensitiveHit>();
        SensitiveRules.For(personal: true, secrets: true)!.Read(text, 0, text.Length, isLast: true, hits);
        Assert.Empty(hits.Select(static hit => hit.Rule.Id));
    }

    private static (SensitiveRule Rule, IReadOnlyList<string> Match, IReadOnlyList<string> Pass) Of(string id) => SensitiveExamples.All.Single(example => example.Rule.Id == id);

    private static List<TextRange> Find(string text, SensitiveRule rule)
    {
        var hits = new List<SensitiveHit>();
        new SensitiveScanner([rule]).Read(text, 0, text.Length, isLast: true, hits);
        return hits.ConvertAll(static hit => hit.Range);
    }
}
