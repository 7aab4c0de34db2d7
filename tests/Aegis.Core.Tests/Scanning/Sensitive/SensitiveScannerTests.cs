using Aegis.Scanning.Sensitive;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Sensitive;

public class SensitiveScannerTests
{
    private static readonly string[] Examples = [.. SensitiveExamples.All.SelectMany(static example => example.Match.Concat(example.Pass)).Select(static example => SensitiveExamples.Unmarked(example).Text)];
    private static readonly Gen<string> Text = Gen.Select(Any(), Gen.OneOf(" ", "\n", "", "x", "é", "-"), Any(), static (a, between, b) => a + between + b);

    [Fact]
    public void WithTooFewNodesForAllRulesTheSameIsFoundRuleByRule()
    {
        var (together, apart) = (new SensitiveScanner(SensitiveRules.BuiltIn), new SensitiveScanner(SensitiveRules.BuiltIn, maxNodes: 200));
        Text.Sample(text => Assert.Equal(Find(together, text, 0, isLast: true), Find(apart, text, 0, isLast: true)), iter: 60);
        Text.Sample(text => Assert.Equal(together.Read(text, 0, text.Length, isLast: false, []), apart.Read(text, 0, text.Length, isLast: false, [])), iter: 60);
    }

    [Fact]
    public void WhatBeginsAtAPositionDependsOnlyOnWhatStandsWithinReach()
    {
        var scanner = new SensitiveScanner(SensitiveRules.BuiltIn);
        Gen.Select(Text, Text, Gen.Int[0, 10_000]).Sample((before, text, cut) =>
        {
            var whole = string.Concat(before, " ", text);
            var from = before.Length + 1 + (cut % (text.Length + 1));
            var kept = Math.Max(0, from - scanner.Reach);
            var expected = Find(scanner, whole, from, isLast: true);
            Assert.Equal(expected, Find(scanner, whole[kept..], from - kept, isLast: true).ConvertAll(hit => (hit.Id, hit.Start + kept, hit.End + kept)));
        }, iter: 2_000);
    }

    private static Gen<string> Any() => Gen.Int[0, Examples.Length - 1].Select(static i => Examples[i]);

    private static List<(string Id, int Start, int End)> Find(SensitiveScanner scanner, string text, int from, bool isLast)
    {
        var hits = new List<SensitiveHit>();
        scanner.Read(text, from, text.Length, isLast, hits);
        return hits.ConvertAll(static hit => (hit.Rule.Id, hit.Range.Start, hit.Range.End));
    }
}
