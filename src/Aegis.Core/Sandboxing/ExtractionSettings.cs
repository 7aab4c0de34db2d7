namespace Aegis.Sandboxing;

/// <summary>How long and how often it is tried.</summary>
/// <param name="Timeout">The time for all tries.</param>
/// <param name="MaxRetries">Tries beyond the first.</param>
internal sealed record ExtractionSettings(TimeSpan Timeout, int MaxRetries)
{
    public static ExtractionSettings Default { get; } = new(TimeSpan.FromSeconds(10), 2);
}
