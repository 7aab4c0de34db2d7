using Aegis.Tools;
using Aegis.Tools.Arguments;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>What the policy says of where an argument may come from (<c>tools.*.arguments.*.from</c>) holds always, also before anything was read.</summary>
internal sealed class SourceGuard(ToolRules rules) : IGuard<ToolCall>
{
    public const string Source = "flow/source";

    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var tool = rules.For(subject);
        var findings = new ArgumentFindings();
        foreach (var rule in tool.Sources)
        {
            if (context.Flow is not { } memory || subject.Arguments.Leaves.Any(leaf => rule.Covers(leaf) && !Permits(rule, leaf, memory)))
            {
                findings.Add(Source, rule.Member, "comes from somewhere else", rule.Asks);
            }
        }

        return new(findings.ToVerdict());
    }

    /// <summary>Whether the policy names where a value comes from, so that it needs no other evidence.</summary>
    public static bool IsVouchedFor(CompiledTool tool, ArgumentLeaf leaf, FlowMemory memory)
    {
        var isRuled = false;
        foreach (var rule in tool.Sources)
        {
            if (rule.Covers(leaf))
            {
                isRuled = true;
                if (!Permits(rule, leaf, memory))
                {
                    return false;
                }
            }
        }

        return isRuled;
    }

    private static bool Permits(SourceRule rule, ArgumentLeaf leaf, FlowMemory memory) =>
        leaf.Value.AsSpan().Trim().IsEmpty || (leaf.IsKey && ToolEffectInference.Default.IsKnown(leaf.Value)) || (!FlowText.IsObscured(leaf.Value) && (IsFrom(rule, leaf.Value, memory) || (AddressList.Of(leaf.Value) is { Count: > 0 } parts && parts.TrueForAll(part => IsFrom(rule, part, memory)))));

    private static bool IsFrom(SourceRule rule, string value, FlowMemory memory) =>
        (rule.IsFromUser && memory.IsFrom(value, FlowSource.User))
        || (rule.IsFromSystem && memory.IsFrom(value, FlowSource.System))
        || memory.FieldsOf(value).Exists(field => rule.IsFromTool(field.Tool));
}
