using Aegis.Policies;
using Aegis.Scanning.Hygiene;

namespace Aegis.Scanning;

/// <summary>Asks an app's own model about every text that enters.</summary>
/// <param name="classifier">The model.</param>
/// <param name="blockAt">The block line.</param>
/// <param name="results">What becomes of a tool's result that is blocked.</param>
internal sealed class ClassifierGuard(ITextClassifier classifier, double blockAt, ResultHandling results) : IClassifierGuard
{
    private const double FlagAt = 0.5;

    private readonly string _rule = classifier.Rule;   // as it was checked

    public string Rule => _rule;

    public ITextClassifier Classifier => classifier;

    public IClassifierGuard With(ITextClassifier other) => new ClassifierGuard(other, blockAt, results);

    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => JudgeAsync(subject, cancellationToken);

    public ValueTask<Verdict> InspectAsync(ToolDefinition subject, GuardContext context, CancellationToken cancellationToken) => JudgeAsync(subject, cancellationToken);

    public async ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken)
    {
        var verdict = await JudgeAsync(subject, cancellationToken).ConfigureAwait(false);
        if (verdict.Decision < Decision.Block || results == ResultHandling.Block)
        {
            return verdict;
        }

        var finding = verdict.Findings[0];
        if (results == ResultHandling.Flag)
        {
            return Verdict.Of([finding with { Decision = Decision.Flag }]);
        }

        if (finding.Range is not { } range || InstructionSpan.Of(subject.Text, range) is not { Count: > 0 } pieces)
        {
            return verdict;
        }

        var redacted = Verdict.Of([.. pieces.Select(piece => finding with { Decision = Decision.Redact, Range = piece })]);
        var rest = await JudgeAsync(Redaction.Apply(subject, redacted), cancellationToken).ConfigureAwait(false);
        return rest.Decision < Decision.Block ? redacted : verdict;
    }

    private async ValueTask<Verdict> JudgeAsync(TextSubject subject, CancellationToken cancellationToken)
    {
        if (subject.Text.Length == 0)
        {
            return Verdict.None;
        }

        var (risk, range) = await classifier.ClassifyAsync(subject.Text, subject.Checkpoint, cancellationToken).ConfigureAwait(false);
        if (risk is not (>= 0 and <= 1) || range is { } part && (part.Start < 0 || part.End <= part.Start || part.End > subject.Text.Length))
        {
            throw new InvalidOperationException("A classifier's risk is not from 0 to 1, or its range is not in the text.");
        }

        return risk < Math.Min(FlagAt, blockAt) ? Verdict.None : Verdict.Of(
        [
            new(_rule, risk >= blockAt ? Decision.Block : Decision.Flag, risk)
            {
                Range = range,
                Category = "prompt-injection",
                Owasp = ["LLM01:2025"],
                Atlas = [subject.Checkpoint == Checkpoint.Input ? "AML.T0051.000" : "AML.T0051.001"],
            },
        ]);
    }
}
