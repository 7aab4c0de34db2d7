using Aegis.Flow;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Scanning.Sensitive;

/// <summary>Secrets in the arguments of calls that no user typed: a call that sends something somewhere may not carry one that the host has not said either; others are flagged.</summary>
/// <param name="scanner">What is looked for.</param>
/// <param name="tools">What calls do.</param>
/// <param name="decision">What happens to a call that sends one.</param>
internal sealed class SecretArgumentsGuard(SensitiveScanner scanner, ToolRules tools, Decision decision) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var resume = 0;
        scanner.Advance(subject.Arguments.Text, 0, ref resume, out var any);
        if (any is null && resume == subject.Arguments.Text.Length)
        {
            return new(Verdict.None);   // most calls
        }

        List<Finding>? findings = null;
        var isSink = tools.For(subject).Declared?.Sink ?? tools.EffectOf(subject).Reach == ToolReach.Egress;
        foreach (var leaf in subject.Arguments.Leaves)
        {
            var hits = new List<SensitiveHit>();
            scanner.Read(leaf.Value, 0, leaf.Value.Length, isLast: true, hits);
            foreach (var hit in hits)
            {
                if (context.Flow?.SourceOf(leaf.Value[hit.Range.Start..hit.Range.End]) is var source and not FlowSource.User)
                {
                    (findings ??= []).Add(new(hit.Rule.Id, isSink && source != FlowSource.System ? decision : Decision.Flag, 0.5)
                    {
                        Detail = "in the arguments, and no user typed it",
                        Category = "secret",
                        Owasp = ["LLM02:2025"],
                        Atlas = ["AML.T0057"],
                    });
                }
            }
        }

        return new(findings is null ? Verdict.None : Verdict.Of([.. findings]));
    }
}
