using Aegis.Policies;
using Aegis.Scanning.Markup;
using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning.Payloads;

/// <summary>
/// What an answer holds for whoever reads it next: instructions for a model, scripts for a browser, queries for a database. Instructions that are quoted or
/// stand in code are only flagged; scripts and queries in code are left alone.
/// </summary>
/// <param name="kinds">What is looked for.</param>
/// <param name="decision">What happens to it.</param>
internal sealed class PayloadGuard(IReadOnlyList<PayloadKind> kinds, Decision decision) : IGuard<OutputWindow>, IOutputReader
{
    private const int Back = 512;   // characters in which a tag begins
    private const string Quotes = "\"'`“”‘’«»„‹›「『";

    private readonly SensitiveScanner _scanner = new(SensitiveRules.Payloads.Where(rule => kinds.Contains(KindOf(rule))), sieve: static () => KnownRules.Sieve);

    public int Lanes => KnownRules.Others;

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        var hits = new List<SensitiveHit>();
        _scanner.Read(subject.Text, subject.From, subject.Before, isLast: true, hits);
        List<Finding>? findings = null;
        var (fence, at) = (subject.Fence, subject.FenceAt);
        foreach (var hit in hits)
        {
            (fence, at) = hit.Range.Start <= at ? (fence, at) : (fence.Behind(subject.Text.AsSpan(at, hit.Range.Start - at)), hit.Range.Start);
            if (Judge(subject.Text, hit, fence.IsOpen) is { } finding)
            {
                (findings ??= []).Add(finding);
            }
        }

        return new(findings is null ? Verdict.None : Verdict.Of([.. findings]));
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        var settled = _scanner.Advance(text, place.From, ref resume, out var hits);
        isClean = hits is null;
        return settled;
    }

    public int ContextOf(ReadOnlySpan<char> text) => Math.Max(0, text.Length - Back);

    /// <summary>What a rule is about.</summary>
    public static PayloadKind KindOf(SensitiveRule rule) => rule.Placeholder switch
    {
        "[REDACTED-SCRIPT]" => PayloadKind.Script,
        "[REDACTED-SQL]" => PayloadKind.Sql,
        _ => PayloadKind.Instructions,
    };

    private Finding? Judge(string text, SensitiveHit hit, bool isInFence)
    {
        var start = hit.Range.Start;
        if (hit.Rule.Id == "payload/event-handler" && MarkupTag.Around(text, Math.Max(0, start - Back), start) is null)
        {
            return null;   // a variable
        }

        var isCode = isInFence || (start > 0 && text[start - 1] == '`');
        var kind = KindOf(hit.Rule);
        if (isCode && kind != PayloadKind.Instructions)
        {
            return null;
        }

        var isQuoted = isCode || (start > 0 && Quotes.Contains(text[start - 1], StringComparison.Ordinal));
        return new(hit.Rule.Id, isQuoted && hit.Rule.Placeholder == "[REDACTED-INSTRUCTION]" ? Decision.Flag : decision, isQuoted ? 0.5 : 1)
        {
            Range = hit.Range,
            Replacement = hit.Rule.Placeholder,
            Category = "payload",
            Owasp = ["LLM05:2025"],
            Atlas = ["AML.T0051.001"],
        };
    }
}
