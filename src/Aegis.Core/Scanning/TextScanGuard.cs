using Aegis.Policies;
using Aegis.Scanning.Classifying;
using Aegis.Scanning.Hygiene;

namespace Aegis.Scanning;

/// <summary>Scans every text that enters: input, tool descriptions, tool results.</summary>
internal sealed class TextScanGuard(TextScanner scanner, ResultHandling results) : IGuard<UserInput>, IGuard<ToolDefinition>, IGuard<ToolResult>
{
    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) =>
        new(scanner.Scan(subject.Text, subject.Checkpoint, new(subject.IsJoined ? "" : context.Flow?.TailOf(subject.Role == InputRole.User) ?? "", null)));

    public ValueTask<Verdict> InspectAsync(ToolDefinition subject, GuardContext context, CancellationToken cancellationToken) => new(scanner.Scan(subject.Text, subject.Checkpoint));

    public ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken)
    {
        var around = new ScanContext(context.Flow?.TailOf(isTyped: false) ?? "", context.Flow?.Request);
        var verdict = scanner.Scan(subject.Text, subject.Checkpoint, around);
        return new(verdict.Decision < Decision.Block || results == ResultHandling.Block ? verdict
            : results == ResultHandling.Flag ? Verdict.Of([.. verdict.Findings.Select(static finding => finding with { Decision = Decision.Flag })])
            : Redacted(subject, verdict, around));
    }

    /// <summary>The instructions cut out, if nothing else is found in what is left.</summary>
    private Verdict Redacted(ToolResult result, Verdict verdict, ScanContext around)
    {
        var findings = new List<Finding>();
        foreach (var finding in verdict.Findings)
        {
            if (finding.Decision < Decision.Block)
            {
                findings.Add(finding);
                continue;
            }

            if (finding.Rule == InjectionClassifier.Rule && verdict.Findings.Any(other => other.Decision == Decision.Block && other.Rule != finding.Rule && other.Range is not null))
            {
                findings.Add(finding with { Decision = Decision.Flag });   // its window is wider than what the rules found; what is left is read again
                continue;
            }

            if (finding.Range is not { } range || InstructionSpan.Of(result.Text, range) is not { Count: > 0 } pieces)
            {
                return verdict;   // about the whole
            }

            findings.AddRange(pieces.Select(piece => finding with { Decision = Decision.Redact, Range = piece }));
        }

        var redacted = Verdict.Of([.. findings]);
        var rest = scanner.Scan(Redaction.Apply(result, redacted).Text, result.Checkpoint, around);
        return rest.Decision < Decision.Block ? redacted : verdict;
    }
}
