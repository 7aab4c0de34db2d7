using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning.Leaking;

/// <summary>Canary tokens: words that stand in the instructions, or in data that nobody should hand out, and that no answer and no call may say.</summary>
/// <param name="tokens">The tokens.</param>
/// <param name="decision">What happens to an answer that says one in one piece.</param>
internal sealed class CanaryGuard(IReadOnlyList<string> tokens, Decision decision) : IGuard<OutputWindow>, IGuard<ToolCall>, IOutputReader
{
    private const int MaxNodes = ushort.MaxValue;

    private readonly SensitiveScanner _scanner = new(tokens.Select(CanaryRules.SecretOf).SelectMany(CanaryRules.Of), MaxNodes);
    private readonly CanaryFragments _fragments = new([.. tokens.Select(CanaryRules.SecretOf)]);

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        var hits = new List<SensitiveHit>();
        var (text, before) = (subject.Text, Math.Min(subject.Before, subject.Text.Length));
        _scanner.Read(text, subject.From, subject.Before, isLast: true, hits);
        var findings = hits.ConvertAll(hit => Of(hit.Rule.Id, decision) with { Range = hit.Range, Replacement = hit.Rule.Placeholder });
        if (_fragments.Read(text, Math.Max(subject.From, subject.Shown), before, _fragments.SaidIn(subject.Memory), hits, out var end, out _) >= 0)
        {
            findings.Add(Of(CanaryRules.Ids + "fragments", Decision.Block) with { Range = new(end - 1, end) });
        }

        return new(findings.Count == 0 ? Verdict.None : Verdict.Of([.. findings]));
    }

    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var hits = new List<SensitiveHit>();
        var text = subject.Arguments.Text;
        _scanner.Read(text, 0, text.Length, isLast: true, hits);
        if (hits.Count > 0)
        {
            return new(Verdict.Of(Of(hits[0].Rule.Id, Decision.Block)));
        }

        return new(_fragments.Read(text, 0, text.Length, _fragments.SaidIn(memory: null), hits, out _, out _) >= 0 ? Verdict.Of(Of(CanaryRules.Ids + "fragments", Decision.Block)) : Verdict.None);
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        var settled = _scanner.Advance(text, place.From, ref resume, out var hits);
        isClean = hits is null && !_fragments.HasOne(text, Math.Max(place.From, place.Shown));
        return settled;
    }

    public void Remember(OutputWindow window)
    {
        if (window.Memory is { } memory)
        {
            var (said, hits) = (_fragments.SaidIn(memory), new List<SensitiveHit>());
            _scanner.Read(window.Text, window.From, window.Before, isLast: true, hits);
            if (_fragments.Read(window.Text, Math.Max(window.From, window.Shown), Math.Min(window.Before, window.Text.Length), said, hits, out _, out var isClean) >= 0 || !isClean)
            {
                _fragments.Remember(memory, said);
            }
        }
    }

    public int ContextOf(ReadOnlySpan<char> text) => Math.Max(0, text.Length - CanaryFragments.Reach);

    private static Finding Of(string rule, Decision decision) => new(rule, decision, 1) { Category = "canary", Owasp = ["LLM02:2025", "LLM07:2025"], Atlas = ["AML.T0056", "AML.T0057"] };
}
