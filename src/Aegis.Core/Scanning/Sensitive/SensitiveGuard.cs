namespace Aegis.Scanning.Sensitive;

/// <summary>Private data and secrets in answers.</summary>
/// <param name="scanner">What is looked for.</param>
/// <param name="personal">What happens to data of a person.</param>
/// <param name="secret">What happens to secrets.</param>
internal sealed class SensitiveGuard(SensitiveScanner scanner, PersonalHandling personal, Decision secret) : IGuard<OutputWindow>, IOutputReader
{
    public int Lanes => KnownRules.Values;

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        var hits = new List<SensitiveHit>();
        scanner.Read(subject.Text, subject.From, subject.Before, isLast: true, hits);   // what may still change is not judged yet
        personal.Settle(hits);
        return new(hits.Count == 0 ? Verdict.None : Verdict.Of([.. hits.Select(hit => Judge(hit, subject.Text))]));
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        var settled = scanner.Advance(text, place.From, ref resume, out var hits);
        isClean = hits is null;
        return settled;
    }

    public int Floor(ReadOnlySpan<char> text, int from, int settled)
    {
        if (!personal.HasExceptions)
        {
            return settled;
        }

        var hits = new List<SensitiveHit>();
        scanner.Read(text, from, settled, isLast: true, hits);
        for (var i = hits.Count - 1; i >= 0; i--)
        {
            var isCut = hits[i].Range.Start < settled && settled < hits[i].Range.End && hits[i].Rule.Kind == SensitiveKind.Personal && personal.Of(hits[i].Rule) == Decision.Flag;
            settled = isCut ? hits[i].Range.Start : settled;   // a value that passes is judged whole, with what looks like a value in it
        }

        return settled;
    }

    public int ContextOf(ReadOnlySpan<char> text) => Math.Max(0, text.Length - scanner.Reach);

    private Finding Judge(SensitiveHit hit, string text)
    {
        var isSecret = hit.Rule.Kind == SensitiveKind.Secret;
        var decision = isSecret ? secret : personal.Of(hit.Rule);
        var goesOn = hit.Rule.IsOpen || (hit.Range.End < text.Length && hit.Rule.Extends.Contains(text[hit.Range.End]));
        return new(hit.Rule.Id, goesOn && decision == Decision.Redact ? Decision.Block : decision, 1)   // the rest of it is not known: nothing more is shown
        {
            Range = hit.Range,
            Replacement = hit.Rule.Placeholder,
            Category = isSecret ? "secret" : "personal-data",
            Owasp = ["LLM02:2025"],
            Atlas = ["AML.T0057"],
        };
    }
}
