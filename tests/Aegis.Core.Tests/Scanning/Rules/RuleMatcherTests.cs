using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Rules;

public class RuleMatcherTests
{
    private static readonly Gen<string> Part = Gen.OneOf("red", "green", @"\bred\b", @"\bto\b", "(red|blue)s?", @"blue\s(now|then)", @"\s", ".{0,6}", @"(\w{1,5}\s){0,2}", @"[^\n]{0,3}", "日本", @"\b", "(n|r)", @"\d?");

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
            Rule("a", Checkpoint.Input, "\\w\\w") with { Keywords = ["blue"] },
            Rule("b", Checkpoint.Input, "\\w\\w") with { Keywords = ["RED"] },   // not canonical: a pack folds its keywords
            Rule("c", Checkpoint.Input, "\\w\\w") with { Keywords = ["blue", "ed"] },
            Rule("d", Checkpoint.Input, "\\w\\w"),
            Rule("e", Checkpoint.Input, "red") with { Keywords = ["blue"] }).Select(hit => hit.Id));

    [Fact]
    public void WhereItsTextsStandInARowARuleMatchesWhatItMatchesInTheWholeText()
    {
        var part = Gen.Recursive<string>((depth, self) => depth == 3 ? Part : Gen.OneOf(
            Part,
            Gen.Select(self, self, (a, b) => a + b),
            Gen.Select(self, self, (a, b) => $"({a}|{b})"),
            Gen.Select(self, Gen.OneOf("?", "{2}", "{0,2}", "{1,3}"), (a, repeat) => $"(?:{a}){repeat}")));
        var compared = 0;
        Gen.Select(part.Array[1, 4].Select(string.Concat), Gen.OneOf("red", "reds", "green", "blue now", "now", "to", " ", "\n", ", ", "x", "日本", "a 1").Array[0, 24].Select(string.Concat)).Sample((source, text) =>
        {
            Pattern pattern;
            try
            {
                pattern = Pattern.Parse(source);
            }
            catch (PatternException)
            {
                return;   // matches the empty text, or repeats a boundary
            }

            using var canonical = CanonicalText.Of(text);
            List<(string, TextRange)> expected = pattern.Find(canonical.Text) is var (start, length) ? [("a", canonical.RangeOf(start, length))] : [];
            Interlocked.Add(ref compared, expected.Count);
            Assert.True(expected.SequenceEqual(Hits(text, Checkpoint.Input, Rule("a", Checkpoint.Input, source))), $"{source} on '{text}'");
        }, iter: Extent.Of(12_000, 4_000));
        Assert.True(compared > Extent.Of(1_000, 333), $"{compared} matches");
    }

    [Theory]
    [InlineData("(green(\\w{1,5}\\s)?green|(n|r))", "greengreenblue", 0, 10)]   // two windows of the short one are over before the long one has ended that begins before them
    [InlineData("(red\\sgreen|(r|n))", "red green", 0, 9)]                        // of those that begin together the longest
    public void AChainThatEndsBehindAMatchMayBeginBeforeIt(string pattern, string text, int start, int length) =>
        Assert.Equal([("a", new TextRange(start, start + length))], Hits(text, Checkpoint.Input, Rule("a", Checkpoint.Input, pattern)));

    [Fact]
    public void AroundItsKeywordsARuleMatchesWhatItMatchesInTheWholeText()
    {
        (string Pattern, string[] Keywords)[] sources = [("\\bred", ["red"]), ("red\\b", ["re"]), ("\\bo\\s?red\\s(o|d){0,3}e\\b", ["red", "ed"]), ("(r|o)e?d{1,4}", ["r", "o"]), ("d\\s\\w{0,6}\\sd", ["d"]), ("ored?", ["or"])];
        var matchers = Array.ConvertAll(sources, static source => (Whole: Of(source.Pattern, []), Around: Of(source.Pattern, source.Keywords)));
        Gen.Select(Gen.Char["red o"].Array[0, 120], Gen.Int[0, matchers.Length - 1]).Sample((chars, i) =>
        {
            var text = new string(chars);
            Assert.Equal(Hits(matchers[i].Whole, text, Checkpoint.Input), Hits(matchers[i].Around, text, Checkpoint.Input));
        }, iter: 50_000);

        static RuleMatcher Of(string pattern, string[] keywords) => new([Rule("a", Checkpoint.Input, pattern) with { Keywords = keywords }]);
    }

    [Fact]
    public void SomeOfTheRulesThatAegisBringsAndOthersMatchAsIfTheyStoodAlone()
    {
        Rule[] own = [.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules).Where(static rule => rule.Id.StartsWith("overrides/", StringComparison.Ordinal) && rule.RunsAt(Checkpoint.Input))];
        Rule[] some = [.. own.Where(static (_, index) => index % 2 == 0), Rule("a/b", Checkpoint.Input, "instructions?")];
        var (together, alone) = (RuleMatcher.For(some), new RuleMatcher(some));
        var examples = RulePack.Sources.SelectMany(static pack => pack.Rules).Where(rule => own.Any(other => other.Id == rule.Id)).SelectMany(static rule => rule.Match).ToArray();
        Assert.Contains(examples, example => Ids(together, example).Any(static id => id.StartsWith("a/b ", StringComparison.Ordinal)));
        Assert.All(examples, example => Assert.Equal(Ids(alone, example), Ids(together, example)));
        Assert.Same(RuleMatcher.BuiltIn, RuleMatcher.For([.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules)]));
    }

    private static string[] Ids(IRuleMatcher matcher, string text)
    {
        using var canonical = CanonicalText.Of(text);
        using var loose = LooseText.Of(canonical);
        var hits = new List<RuleHit>();
        matcher.Match(canonical, Checkpoint.Input, hits);
        matcher.Match(loose, Checkpoint.Input, hits);
        return [.. hits.Select(static hit => $"{hit.Rule.Id} {hit.Range}")];
    }

    private static Rule Rule(string id, Checkpoint checkpoint, string pattern) => new(id, "test", 0.5, Aegis.Scanning.Rules.Rule.Mask(checkpoint), Pattern.Parse(pattern));

    private static List<(string Id, TextRange Range)> Hits(string text, Checkpoint checkpoint, params Rule[] rules) => Hits(new RuleMatcher(rules), text, checkpoint);

    private static List<(string Id, TextRange Range)> Hits(RuleMatcher matcher, string text, Checkpoint checkpoint)
    {
        using var canonical = CanonicalText.Of(text);
        var hits = new List<RuleHit>();
        matcher.Match(canonical, checkpoint, hits);
        return hits.ConvertAll(hit => (hit.Rule.Id, hit.Range));
    }
}
