using System.Text;
using Aegis.Tools;

namespace Aegis.Scanning.Sensitive;

/// <summary>Personal data in the arguments of calls, but where the policy says that it may stand.</summary>
/// <param name="scanner">What is looked for.</param>
/// <param name="rules">Where it may stand.</param>
/// <param name="handling">What happens to it.</param>
/// <param name="isMonitor">Whether calls run as they are.</param>
internal sealed class PersonalArgumentsGuard(SensitiveScanner scanner, ToolRules rules, PersonalHandling handling, bool isMonitor) : IGuard<ToolCall>
{
    /// <summary>A call without the values that are to be replaced, and the rules that found them.</summary>
    public ToolCall Replace(ToolCall call)
    {
        if (!handling.Redacts)
        {
            return call;
        }

        var found = new List<string>();
        var arguments = ArgumentTexts.Rewrite(call.Arguments, (steps, value) =>
        {
            var replaced = new StringBuilder();
            var position = 0;
            List<SensitiveHit> hits = [.. HitsIn(call, steps, value)];
            if (hits.Exists(hit => handling.Of(hit.Rule) == Decision.Block))
            {
                return value;   // the call is denied: nothing of it is replaced, so that this is seen
            }

            foreach (var hit in hits.Where(hit => handling.Of(hit.Rule) == Decision.Redact))
            {
                found.Add(hit.Rule.Id);
                if (hit.Range.Start >= position)
                {
                    replaced.Append(value, position, hit.Range.Start - position).Append(hit.Rule.Placeholder);
                }

                position = Math.Max(position, hit.Range.End);
            }

            return position == 0 ? value : replaced.Append(value, position, value.Length - position).ToString();
        });
        return found.Count == 0 ? call : call with { Arguments = arguments, Replaced = [.. found.Distinct(StringComparer.Ordinal)] };
    }

    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [.. subject.Replaced.Select(static rule => new Finding(rule, Decision.Flag) { Detail = "replaced in the arguments", Category = "personal-data", Owasp = ["LLM02:2025"] })];
        var named = subject.Arguments.Kinds.SelectMany(argument => HitsIn(subject, [], argument.Name));
        foreach (var rule in subject.Arguments.Leaves.SelectMany(leaf => HitsIn(subject, leaf.Steps, leaf.Value)).Concat(named).Select(static hit => hit.Rule).DistinctBy(static rule => rule.Id, StringComparer.Ordinal))
        {
            var decision = handling.Of(rule);
            findings.Add(new(rule.Id, decision == Decision.Redact ? isMonitor ? Decision.Flag : Decision.Block : decision)   // what can be replaced was: this stands in a name, in JSON inside a text, or runs as it is
            {
                Detail = decision == Decision.Redact && !isMonitor ? "it cannot be replaced where it stands" : "in the arguments; tools.<name>.arguments.<argument>.restore lets it stand there",
                Category = "personal-data",
                Owasp = ["LLM02:2025"],
            });
        }

        return new(findings.Count == 0 ? Verdict.None : Verdict.Of([.. findings]));
    }

    /// <summary>What a value has that may not stand there. The name before it says what it is, as the words of a text do.</summary>
    private IEnumerable<SensitiveHit> HitsIn(ToolCall call, IReadOnlyList<string?> steps, string value)
    {
        var before = steps.LastOrDefault(static step => step is not null) is { } name ? $"{name.Replace('_', ' ')}: " : "";
        var hits = new List<SensitiveHit>();
        scanner.Read(before + value, before.Length, before.Length + value.Length, isLast: true, hits);
        handling.Settle(hits);
        var granted = rules.For(call).Restores;
        return from hit in hits where granted?.Grants(steps, hit.Rule.Type) != true select new SensitiveHit(hit.Rule, new(hit.Range.Start - before.Length, hit.Range.End - before.Length));
    }
}
