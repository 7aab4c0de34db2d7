using System.Text.RegularExpressions;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

public class BuiltInRulesTests
{
    private static readonly Dictionary<string, Rule> Rules = ProvenRules.All.ToDictionary(rule => rule.Id, StringComparer.Ordinal);

    public static TheoryData<string> Ids => [.. Rules.Keys];

    [Fact]
    public void ThereAreAtLeastFourHundredRulesAndEachSaysWhatItIsAbout()
    {
        Assert.True(Rules.Count >= 400, $"{Rules.Count} rules");
        Assert.All(Rules.Values, rule =>
        {
            Assert.Contains('/', rule.Id);
            Assert.NotEmpty(rule.Owasp);
            Assert.NotEmpty(rule.Atlas);
            Assert.NotEqual(0, rule.Checkpoints);
        });
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void ARuleMatchesItsExamplesAndLeavesTheHarmlessOnesAlone(string id)
    {
        var rule = Rules[id];

        Assert.True(rule.Match.Count >= 3, "fewer than three examples");
        Assert.True(rule.Pass.Count >= 3, "fewer than three harmless examples");
        var matcher = new RuleMatcher([rule]);
        Assert.Equal(rule.Match, rule.Match.Where(Matches));
        Assert.All(rule.Pass, text => Assert.False(Matches(text), text));

        bool Matches(string text)
        {
            using var canonical = CanonicalText.Of(text);
            var hits = new List<RuleHit>();
            matcher.Match(canonical, Enum.GetValues<Checkpoint>().First(rule.RunsAt), hits);
            return hits.Count > 0;
        }
    }

    [Fact]
    public void WhatIsLookedForFirstNeverHidesAMatch()
    {
        Rule[] rules = [.. Rules.Values.Select(static rule => rule with { Checkpoints = Rule.Mask(Checkpoint.Input) })];
        var matcher = new RuleMatcher(rules);
        Parallel.ForEach(Extent.Of(rules.SelectMany(static rule => rule.Match.Concat(rule.Pass)).Distinct(), every: 5), text =>
        {
            using var canonical = CanonicalText.Of(text);
            var hits = new List<RuleHit>();
            matcher.Match(canonical, Checkpoint.Input, hits);

            var expected = new List<(string, int)>();
            foreach (var rule in rules)
            {
                if (rule.Pattern.Find(canonical.Text) is var (start, length))
                {
                    expected.Add((rule.Id, canonical.RangeOf(start, length).Start));
                }
            }

            Assert.Equal(expected, hits.Select(static hit => (hit.Rule.Id, hit.Range.Start)));
        });
    }

    [Fact]
    public void TheOrdinaryEngineFindsTheSame() => Parallel.ForEach(Rules.Values, static rule =>
    {
        var reference = new Regex(PatternWriter.Write(rule.Pattern.Root), RegexOptions.CultureInvariant);
        foreach (var text in rule.Match.Concat(rule.Pass).Append(string.Join(". ", rule.Pass.Concat(rule.Match))).Select(CanonicalText.Fold))
        {
            var match = reference.Match(text);
            Assert.Equal(match.Success ? match.Index : null, rule.Pattern.Find(text)?.Start);
        }
    });
}
