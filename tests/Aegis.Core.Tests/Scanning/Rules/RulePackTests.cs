using Aegis.Policies;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

public class RulePackTests
{
    private const string Good = """{"id":"x/y","category":"c","risk":0.5,"checkpoints":["input","tool-result"],"keywords":["İGNORE"],"owasp":["LLM01:2025"],"atlas":["AML.T0051.000"],"pattern":"a","match":["a"],"pass":["b"]}""";

    [Fact]
    public void ARuleSaysWhereItRunsAndItsKeywordsAreCanonical()
    {
        var pack = RulePack.Parse(Pack(Good), "p");

        Assert.Equal("p", pack.Name);
        var rule = Assert.Single(pack.Rules);
        Assert.Equal(("x/y", "c", 0.5, "ignore", "LLM01:2025", "AML.T0051.000", "a", "b"), (rule.Id, rule.Category, rule.Risk, rule.Keywords[0], rule.Owasp[0], rule.Atlas[0], rule.Match[0], rule.Pass[0]));
        Assert.Equal([Checkpoint.Input, Checkpoint.ToolResult], Enum.GetValues<Checkpoint>().Where(rule.RunsAt));
    }

    [Fact]
    public void EveryMistakeIsNamedAtOnceWithItsPlace() =>
        Assert.Equal(
            [
                "2:7 $.rules[1].id: 'x/y' is used twice.",
                "3:22 $.rules[2].category: is missing, empty or no text.",
                "3:32 $.rules[2].risk: is missing or not a number above 0 and up to 1.",
                "3:59 $.rules[2].checkpoints[1]: 'inptu' is not a checkpoint. Did you mean 'input'?",
                "3:77 $.rules[2].owasp[0]: 'LLM11:2025' is not an OWASP id",
                "3:113 $.rules[2].atlas[0]: 'T0051' is not a MITRE ATLAS id",
                "3:132 $.rules[2].pattern: at character 3: ')' is missing.",
                "3:158 $.rules[2].pass: is empty.",
                "3:161 $.rules[2].sample: 'sample' is not a member of a rule.",
                "4:7 $.rules[3].id: 'W' is not an id.",
                "4:33 $.rules[3].risk: is missing or not a number above 0 and up to 1.",
                "4:54 $.rules[3].checkpoints: is not a list.",
                "4:73 $.rules[3].keywords: is not a list.",
                "4:104 $.rules[3].match[1]: is empty or no text.",
                "4:120 $.rules[3].pass: stands here twice.",
                "5:1 $.rules[4]: is not an object.",
            ],
            Errors(Pack(
                Good,
                Good,
                """{"id":"z","category":"","risk":1.5,"checkpoints":["input","inptu"],"owasp":["LLM11:2025","ASI01:2026"],"atlas":["T0051"],"pattern":"a(","match":["a"],"pass":[],"sample":1}""",
                """{"id":"W","category":"c","risk":"high","checkpoints":"input","keywords":"a","pattern":"a","match":["a",1],"pass":["b"],"pass":["c"]}""",
                "7")));

    [Theory]
    [InlineData("{", "1:2 $: is not JSON: ")]
    [InlineData("[]", "1:1 $.pack: is missing, empty or no text.")]
    [InlineData("""{"pack":"p"}""", "1:1 $.rules: is missing, empty or no list.")]
    [InlineData("""{"pack":"p","rules":{}}""", "1:21 $.rules: is missing, empty or no list.")]
    [InlineData("""{"pack":"p","rules":[]}""", "1:21 $.rules: is missing, empty or no list.")]
    [InlineData("""{"pack":"p","pack":"q","rules":[]}""", "1:13 $.pack: stands here twice.")]
    [InlineData("""{"pack":"p","extra":1,"rules":[]}""", "1:13 $.extra: 'extra' is not a member of a pack.")]
    [InlineData("""{"pack":"p","version":"2","rules":[]}""", "1:23 $.version: is not \"1\"")]
    [InlineData("""{"pack":"\ud800","rules":[]}""", "1:9 $: has half a character")]
    public void WhatIsNotAPackIsRefused(string json, string error) => Assert.Contains(Errors(json), found => found.StartsWith(error, StringComparison.Ordinal));

    [Fact]
    public void ExamplesRunBesideOtherMistakesOfTheirRule()
    {
        var errors = Errors(Pack("""{"id":"z","category":"c","risk":2,"checkpoints":["input"],"pattern":"abc","match":["abd"],"pass":["abc"]}""", """{"id":"y","category":"c","risk":1,"checkpoints":["input"],"keywords":["x"],"pattern":"abc","match":["abd"],"pass":["abd"]}"""));
        Assert.Equal(
            [
                "1:68 $.rules[0].risk: is missing or not a number above 0 and up to 1.",
                "1:119 $.rules[0].match[0]: is not matched. Check the pattern.",
                "1:134 $.rules[0].pass[0]: is matched. Make the pattern narrower.",
                "2:101 $.rules[1].match[0]: is not matched. Check the pattern, and that a keyword stands in every match if the pattern names no word.",
            ],
            errors);
    }

    [Theory]
    [InlineData("override/ignore-previous")]
    [InlineData("statistics/perplexity")]
    [InlineData("other/rule")]
    [InlineData("encoding/too-much")]
    [InlineData("classifier/prompt-injection")]
    [InlineData("custom/0")]
    public void AnIdThatIsTakenElsewhereIsRefused(string id)
    {
        var taken = RulePack.BuiltIn.SelectMany(static pack => pack.Rules).Select(static rule => rule.Id).Append("other/rule").ToHashSet(StringComparer.Ordinal);
        var refused = Assert.Throws<PolicyException>(() => RulePack.Prove(Pack(Good.Replace("x/y", id, StringComparison.Ordinal)), "p", taken));
        Assert.Contains("is the id of a rule elsewhere", Assert.Single(refused.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIdThatOnlyBeginsLikeAnotherIsTaken() =>
        Assert.Equal("customer/export", RulePack.Prove(Pack(Good.Replace("x/y", "customer/export", StringComparison.Ordinal)), "p", []).Rules[0].Id);

    [Theory]
    [InlineData("\"category\":\"c\"", "\"category\":\"custom\"", "is that of scanner.customPatterns.")]
    [InlineData("İGNORE", "\\u200b", "has no character that is seen.")]
    public void WhatWouldBeTakenForSomethingElseOrForNothingIsRefused(string good, string bad, string error) =>
        Assert.Contains(error, Assert.Single(Errors(Pack(Good.Replace(good, bad, StringComparison.Ordinal)))), StringComparison.Ordinal);

    private static string Pack(params string[] rules) => $$"""{"pack":"p","version":"1","rules":[{{(rules.Length > 1 ? string.Join(",\n", rules) : rules[0])}}]}""";

    /// <summary>What keeps a pack from being taken, as place, path and the message up to where it lists what there is.</summary>
    private static IEnumerable<string> Errors(string json) =>
        Assert.Throws<PolicyException>(() => RulePack.Prove(json, "p.rules.json", [])).Errors
            .OrderBy(static error => error.Line).ThenBy(static error => error.Column)
            .Select(static error => FormattableString.Invariant($"{error.Line}:{error.Column} {error.Path}: {error.Message}").Split(" Use ")[0].Split(" Members ")[0].Split(", for example")[0].Split(" Remove ")[0]);
}
