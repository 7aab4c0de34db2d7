using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Cli.Rules;

/// <summary>What a rule matches among judged texts, at whatever checkpoint they stand.</summary>
internal sealed class RuleCount(Rule rule)
{
    private const int Shown = 5;

    private readonly List<string> _harmless = [];
    private int _attacks;

    public static IReadOnlyList<RuleCount> Of(IReadOnlyList<Rule> rules, IReadOnlyList<LabelledText> texts)
    {
        var counts = rules.Select(static rule => new RuleCount(rule)).ToDictionary(static count => count.Id, StringComparer.Ordinal);
        var matcher = new RuleMatcher([.. rules.Select(static rule => rule with { Checkpoints = Rule.Mask(Checkpoint.Input) })]);
        var hits = new List<RuleHit>();
        foreach (var text in texts)
        {
            using var canonical = CanonicalText.Of(text.Text);
            hits.Clear();
            matcher.Match(canonical, Checkpoint.Input, hits);
            foreach (var hit in hits)
            {
                counts[hit.Rule.Id].Add(text);
            }
        }

        return [.. counts.Values];
    }

    public static void Write(IReadOnlyList<RuleCount> counts, IReadOnlyList<LabelledText> texts, TextWriter output)
    {
        var attacks = texts.Count(static text => text.IsAttack);
        output.WriteLine(FormattableString.Invariant($"  of {attacks} attacks and {texts.Count - attacks} harmless texts match:"));
        foreach (var count in counts)
        {
            output.WriteLine(FormattableString.Invariant($"  {count.Id}: {count._attacks} attacks, {count._harmless.Count} harmless{(count._harmless.Count == 0 ? "" : $" ({string.Join(", ", count._harmless.Take(Shown))})")}"));
        }
    }

    private string Id { get; } = rule.Id;

    private void Add(LabelledText text)
    {
        if (text.IsAttack)
        {
            _attacks++;
        }
        else
        {
            _harmless.Add(text.Id);
        }
    }
}
