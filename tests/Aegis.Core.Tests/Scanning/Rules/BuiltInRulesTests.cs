using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

public class BuiltInRulesTests
{
    private static readonly Dictionary<string, Rule> Rules = RulePack.BuiltIn.SelectMany(static pack => pack.Rules).ToDictionary(rule => rule.Id, StringComparer.Ordinal);

    public static TheoryData<string> Ids => [.. Rules.Keys];

    [Fact]
    public void ThereAreAtLeastSixtyRulesAndEachSaysWhatItIsAbout()
    {
        Assert.True(Rules.Count >= 60, $"{Rules.Count} rules");
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
        Assert.Equal(rule.Match, rule.Match.Where(text => Matches(rule, text)));
        Assert.All(rule.Pass, text => Assert.False(Matches(rule, text), text));
    }

    [Fact]
    public void KeywordsNeverHideAMatch()
    {
        var texts = Rules.Values.SelectMany(rule => rule.Match.Concat(rule.Pass)).Distinct().ToArray();
        Assert.All(Rules.Values, rule => Assert.Equal(
            texts.Where(text => Matches(rule with { Keywords = [] }, text)),
            texts.Where(text => Matches(rule, text))));
    }

    private static bool Matches(Rule rule, string text)
    {
        using var canonical = CanonicalText.Of(text);
        var hits = new List<RuleHit>();
        new RegexRuleMatcher([rule]).Match(canonical, Enum.GetValues<Checkpoint>().First(rule.RunsAt), hits);
        return hits.Count > 0;
    }
}
