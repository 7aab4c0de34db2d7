namespace Aegis.Flow;

/// <summary>A call that the model also makes when it does not know what the user wants.</summary>
internal sealed class MaskedGuard : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken) => new(subject.Masked is { } finding ? Verdict.Of(finding) : Verdict.None);
}
