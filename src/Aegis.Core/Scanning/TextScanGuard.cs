namespace Aegis.Scanning;

/// <summary>Scans every text that enters: input, tool descriptions, tool results.</summary>
internal sealed class TextScanGuard(TextScanner scanner) : IGuard<UserInput>, IGuard<ToolDefinition>, IGuard<ToolResult>
{
    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => Scan(subject);

    public ValueTask<Verdict> InspectAsync(ToolDefinition subject, GuardContext context, CancellationToken cancellationToken) => Scan(subject);

    public ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken) => Scan(subject);

    private ValueTask<Verdict> Scan(TextSubject subject) => new(scanner.Scan(subject.Text, subject.Checkpoint));
}
