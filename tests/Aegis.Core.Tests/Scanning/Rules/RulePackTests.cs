using Aegis.Policies;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

public class RulePackTests
{
    private const string Good = """{"id":"x/y","category":"c","risk":0.5,"checkpoints":["input","tool-result"],"keywords":["İGNORE"],"owasp":["O"],"atlas":["A"],"pattern":"a","match":["a"],"pass":["b"]}""";

    [Fact]
    public void ARuleSaysWhereItRunsAndItsKeywordsAreCanonical()
    {
        var pack = RulePack.Parse(Pack(Good));

        Assert.Equal("p", pack.Name);
        var rule = Assert.Single(pack.Rules);
        Assert.Equal(("x/y", "c", 0.5, "ignore", "O", "A", "a", "b"), (rule.Id, rule.Category, rule.Risk, rule.Keywords[0], rule.Owasp[0], rule.Atlas[0], rule.Match[0], rule.Pass[0]));
        Assert.Equal([Checkpoint.Input, Checkpoint.ToolResult], Enum.GetValues<Checkpoint>().Where(rule.RunsAt));
    }

    [Fact]
    public void EveryMistakeIsNamedAtOnce()
    {
        var errors = Errors(Pack(
            Good,
            Good,
            """{"id":"z","category":"","risk":1.5,"checkpoints":["input","inptu"],"pattern":"a(","match":["a"],"pass":[],"sample":1}""",
            """{"id":"w","category":"c","risk":"high","checkpoints":"input","keywords":"a","pattern":"a","match":["a",1],"pass":["b"]}""",
            "7"));

        Assert.Equal(
            [
                "$.rules[1].id: 'x/y' is used twice.",
                "$.rules[2].category: is missing or empty.",
                "$.rules[2].checkpoints: 'inptu' is not a checkpoint.",
                "$.rules[2].pass: is missing or empty.",
                "$.rules[2].pattern: at character 3: ')' is missing.",
                "$.rules[2].risk: is a number above 0 and up to 1.",
                "$.rules[2].sample: is not a member of a rule.",
                "$.rules[3].checkpoints: is not a list.",
                "$.rules[3].keywords: is not a list.",
                "$.rules[3].match: has an entry that is no text.",
                "$.rules[3].risk: is a number above 0 and up to 1.",
                "$.rules[4]: is not an object.",
            ],
            errors.Select(error => $"{error.Path}: {error.Message}".Split(" Use ")[0].Split(" Members ")[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{", "$: is not JSON (line 1, byte 2).")]
    [InlineData("[]", "$.pack: is missing or empty.")]
    [InlineData("""{"pack":"p"}""", "$.rules: is missing.")]
    [InlineData("""{"pack":"p","rules":{}}""", "$.rules: is missing.")]
    [InlineData("""{"pack":"p","pack":"q","rules":[]}""", "$: is not JSON")]
    [InlineData("""{"pack":"\ud800","rules":[]}""", "$: ")]
    [InlineData("""{"pack":"p","rules":[{"id":"a","category":"c","risk":1,"checkpoints":["input"],"pattern":"a","match":["\ud800"],"pass":["b"]}]}""", "$: ")]
    public void WhatIsNotAPackIsRefused(string json, string error) =>
        Assert.Contains(Errors(json), found => $"{found.Path}: {found.Message}".StartsWith(error, StringComparison.Ordinal));

    private static string Pack(params string[] rules) => $$"""{"pack":"p","version":"1","rules":[{{string.Join(',', rules)}}]}""";

    private static IReadOnlyList<PolicyError> Errors(string json) => Assert.Throws<PolicyException>(() => RulePack.Parse(json)).Errors;
}
