using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Scanning;

/// <summary>The policy's <c>output.blockPatterns</c> and <c>output.redactPatterns</c>. All matches count, overlapping ones too, so that the answer does not depend on where a search begins.</summary>
internal sealed class OutputPatternGuard(IReadOnlyList<Pattern> block, IReadOnlyList<Pattern> redact) : IGuard<OutputWindow>, IOutputReader
{
    /// <summary>Canonical characters to wait for behind a position before it is settled.</summary>
    public int HoldBack { get; } = block.Concat(redact).Select(static pattern => pattern.Span).DefaultIfEmpty(0).Max();

    public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken)
    {
        if (subject.Text.Length == 0)
        {
            return new(Verdict.None);
        }

        using var canonical = CanonicalText.Of(subject.Text);
        var findings = new List<Finding>();
        Find(canonical, subject, block, "output/block-pattern", "blockPatterns", Decision.Block, findings);
        Find(canonical, subject, redact, "output/redact-pattern", "redactPatterns", Decision.Redact, findings);
        return new(Verdict.Of([.. findings]));
    }

    public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
    {
        isClean = false;
        var original = text.ToString();
        using var canonical = CanonicalText.Of(original);
        var index = canonical.FirstOpen(original) - HoldBack;   // a word boundary is looked for one further, which is not open either
        return index <= 0 ? 0 : canonical.StartOf(index);
    }

    public int ContextOf(ReadOnlySpan<char> text)
    {
        using var canonical = CanonicalText.Of(text.ToString());
        var index = canonical.Length - Math.Max(HoldBack, CanonicalText.Reach) - 2;
        return index <= 0 ? 0 : canonical.StartOf(index);
    }

    private static void Find(CanonicalText canonical, OutputWindow window, IReadOnlyList<Pattern> patterns, string rule, string member, Decision decision, List<Finding> findings)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            TextRange? merged = null;
            var position = 0;
            while (position < canonical.Length && patterns[i].Find(canonical.Text, position) is var (start, length))
            {
                position = start + 1;
                var range = canonical.RangeOf(start, length);
                if (range.Start < window.From)
                {
                    continue;
                }

                if (range.Start >= window.Before)
                {
                    break;
                }

                if (merged is { } before && range.Start <= before.End)
                {
                    merged = before with { End = Math.Max(before.End, range.End) };
                    continue;
                }

                Add(merged);
                merged = range;
                if (decision == Decision.Block)
                {
                    break;   // the first one ends the answer
                }
            }

            Add(merged);

            void Add(TextRange? range)
            {
                if (range is not null)
                {
                    findings.Add(new(rule, decision, 1) { Range = range, Detail = FormattableString.Invariant($"output.{member}[{i}]") });
                }
            }
        }
    }
}
