using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Rules;

public class RuleMatcherTests
{
    [Fact]
    public void ARuleIsFoundOnceAtItsFirstMatchAndOnlyWhereItRuns()
    {
        var input = Rule("a", Checkpoint.Input, "red");
        var result = Rule("b", Checkpoint.ToolResult, "red");
        var both = Rule("c", Checkpoint.Input, "o") with { Checkpoints = Aegis.Scanning.Rules.Rule.Mask(Checkpoint.Input) | Aegis.Scanning.Rules.Rule.Mask(Checkpoint.ToolResult) };

        Assert.Equal([("a", new TextRange(4, 7)), ("c", new TextRange(1, 2))], Hits("so, RED and red", Checkpoint.Input, input, result, both));
        Assert.Equal([("b", new TextRange(4, 7)), ("c", new TextRange(1, 2))], Hits("so, RED and red", Checkpoint.ToolResult, input, result, both));
        Assert.Empty(Hits("so, RED and red", Checkpoint.Output, input, result, both));
    }

    [Fact]
    public void APatternThatNamesNoWordIsTriedAroundItsKeywordsOnly() =>
        Assert.Equal(["c", "d", "e"], Hits("red", Checkpoint.Input,
            Rule("a", Checkpoint.Input, "re|ed") with { Keywords = ["blue"] },
            Rule("b", Checkpoint.Input, "re|ed") with { Keywords = ["RED"] },   // not canonical: a pack folds its keywords
            Rule("c", Checkpoint.Input, "re|ed") with { Keywords = ["blue", "ed"] },
            Rule("d", Checkpoint.Input, "re|ed"),
            Rule("e", Checkpoint.Input, "red") with { Keywords = ["blue"] }).Select(hit => hit.Id));

    [Fact]
    public void AroundItsKeywordsARuleMatchesWhatItMatchesInTheWholeText()
    {
        (string Pattern, string[] Keywords)[] sources = [("\\bred", ["red"]), ("red\\b", ["re"]), ("\\bo\\s?red\\s(o|d){0,3}e\\b", ["red", "ed"]), ("(r|o)e?d{1,4}", ["r", "o"]), ("d\\s\\w{0,6}\\sd", ["d"]), ("ored?", ["or"])];
        Gen.Select(Gen.Char["red o"].Array[0, 120], Gen.Int[0, sources.Length - 1]).Sample((chars, i) =>
        {
            var text = new string(chars);
            var tried = Rule("a", Checkpoint.Input, sources[i].Pattern);
            Assert.Equal(Hits(text, Checkpoint.Input, tried), Hits(text, Checkpoint.Input, tried with { Keywords = sources[i].Keywords }));
        }, iter: 50_000);
    }

    private static Rule Rule(string id, Checkpoint checkpoint, string pattern) => new(id, "test", 0.5, Aegis.Scanning.Rules.Rule.Mask(checkpoint), Pattern.Parse(pattern));

    private static List<(string Id, TextRange Range)> Hits(string text, Checkpoint checkpoint, params Rule[] rules)
    {
        using var canonical = CanonicalText.Of(text);
        var hits = new List<RuleHit>();
        new RuleMatcher(rules).Match(canonical, checkpoint, hits);
        return hits.ConvertAll(hit => (hit.Rule.Id, hit.Range));
    }
}
