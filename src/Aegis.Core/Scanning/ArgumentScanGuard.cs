namespace Aegis.Scanning;

/// <summary>Scans the keys and strings of tool calls.</summary>
internal sealed class ArgumentScanGuard(TextScanner scanner) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var verdict = scanner.Scan(subject.Arguments.Text, Checkpoint.ToolArguments);

        // Positions in the joined strings say nothing to the reader of the arguments.
        return new(verdict.Findings.IsEmpty ? verdict : Verdict.Of([.. verdict.Findings.Select(static finding => finding with { Range = null })]));
    }
}
