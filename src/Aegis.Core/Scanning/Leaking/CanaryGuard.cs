using Aegis.Answers;
using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning.Leaking;

/// <summary>
/// Canary tokens: words that stand in the instructions, or in data that nobody should hand out, and that no answer and no call may say. Pieces of them are
/// counted here in what comes whole; of a stream, where it goes out.
/// </summary>
/// <param name="tokens">The tokens.</param>
/// <param name="fragments">Their pieces.</param>
/// <param name="decision">What happens to an answer that says one in one piece.</param>
internal sealed class CanaryGuard(IReadOnlyList<string> tokens, CanaryFragments fragments, Decision decision) : IGuard<OutputWindow>, IGuard<ToolCall>, IOutputReader
{
    private const int MaxNodes = ushort.MaxValue;

    private readonly SensitiveScanner _scanner = new(tokens.SelectMany(CanaryRules.Of), MaxNodes);

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        var hits = new List<SensitiveHit>();
        _scanner.Read(subject.Text, subject.From, subject.Before, isLast: true, hits);
        return new(hits.Count > 0 ? Verdict.Of([.. hits.Select(hit => CanaryFragments.Finding with { Rule = hit.Rule.Id, Decision = decision, Range = hit.Range, Replacement = hit.Rule.Placeholder })])
            : subject.Memory is null && fragments.AreIn(subject.Text) ? Verdict.Of(CanaryFragments.Finding)
            : Verdict.None);
    }

    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        var hits = new List<SensitiveHit>();
        var text = subject.Arguments.Text;
        _scanner.Read(text, 0, text.Length, isLast: true, hits);
        return new(hits.Count > 0 ? Verdict.Of(CanaryFragments.Finding with { Rule = hits[0].Rule.Id })
            : fragments.AreIn(text) ? Verdict.Of(CanaryFragments.Finding)
            : Verdict.None);
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        var settled = _scanner.Advance(text, place.From, ref resume, out var hits);
        isClean = hits is null;
        return settled;
    }

    public int ContextOf(ReadOnlySpan<char> text) => text.Length;
}
