using Aegis.Scanning.Detecting;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;

namespace Aegis.Scanning;

/// <summary>Reads a text once through the canonical view: rules, then detectors. At or above the block line a finding blocks, below it it flags.</summary>
internal sealed class TextScanner(IRuleMatcher matcher, IReadOnlyList<IDetector> detectors, double blockAt)
{
    /// <summary>All detectors.</summary>
    public static IReadOnlyList<IDetector> Detectors { get; } = [new InvisibleTextDetector()];

    public Verdict Scan(string text, Checkpoint checkpoint)
    {
        if (text.Length == 0)
        {
            return Verdict.None;
        }

        using var canonical = CanonicalText.Of(text);
        var hits = new List<RuleHit>();
        matcher.Match(canonical, checkpoint, hits);
        var findings = new List<Finding>(hits.Count);
        foreach (var (rule, range) in hits)
        {
            findings.Add(Judge(new(rule.Id, Decision.Flag, rule.Risk)
            {
                Range = range,
                Category = rule.Category,
                Owasp = rule.Owasp,
                Atlas = rule.Atlas,
            }));
        }

        foreach (var detector in detectors)
        {
            if (detector.Detect(text, canonical, checkpoint) is { } finding)
            {
                findings.Add(Judge(finding));
            }
        }

        return Verdict.Of([.. findings]);
    }

    private Finding Judge(Finding finding) => finding with { Decision = finding.Risk >= blockAt ? Decision.Block : Decision.Flag };
}
