using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Scanning;

/// <summary>The policy's <c>input.blockPatterns</c>.</summary>
internal sealed class InputPatternGuard(IReadOnlyList<Pattern> patterns) : IGuard<UserInput>, IGuard<ToolResult>
{
    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => Find(subject.Text);

    public ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken) => Find(subject.Text);

    private ValueTask<Verdict> Find(string text)
    {
        using var canonical = CanonicalText.Of(text);
        for (var i = 0; i < patterns.Count; i++)
        {
            if (patterns[i].Find(canonical.Text) is var (start, length))
            {
                return new(Verdict.Of(Finding.Block("input/block-pattern", FormattableString.Invariant($"input.blockPatterns[{i}]")) with { Range = canonical.RangeOf(start, length) }));
            }
        }

        return new(Verdict.None);
    }
}
