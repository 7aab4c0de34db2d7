namespace Aegis.Tools;

/// <summary>deny before requireApproval before allow; what nothing allows is denied.</summary>
internal sealed class CapabilityGuard(ToolRules rules) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken) =>
        new(rules.For(subject).Finding is { } finding ? Verdict.Of(finding) : Verdict.None);
}
