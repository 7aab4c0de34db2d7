using Aegis.Policies;

namespace Aegis.Scanning.Detecting;

/// <summary>What looks at a text as a whole, as a policy says.</summary>
internal static class Detectors
{
    /// <summary>Ids of all of their rules.</summary>
    public static IReadOnlyList<string> Rules { get; } = [.. For(new()).Select(static detector => detector.Rule)];

    public static IReadOnlyList<IDetector> For(ScannerPolicy policy)
    {
        var detectors = new List<IDetector> { new InvisibleTextDetector(), new RepetitionDetector() };
        if (policy.EntropyAnalysis)
        {
            detectors.Add(new EntropyDetector());
        }

        if (policy.PerplexityEstimation)
        {
            detectors.Add(new PerplexityDetector(policy.PerplexityThreshold));
        }

        if (policy.ManyShotDetection)
        {
            detectors.Add(new ManyShotDetector());
        }

        if (policy.LanguageDetection)
        {
            detectors.Add(new MixedWordDetector());
            detectors.Add(new LanguageSwitchDetector());
        }

        return [.. detectors.Where(detector => !policy.IgnoreRules.Contains(detector.Rule, StringComparer.Ordinal))];
    }
}
