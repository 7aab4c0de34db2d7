namespace Aegis;

/// <summary>A judge's answer.</summary>
/// <param name="Verdict">What it says.</param>
/// <param name="Confidence">How sure it is, from 0 to 1. Anything else makes the answer none.</param>
public sealed record JudgeReply(JudgeVerdict Verdict, double Confidence)
{
    /// <summary>What it cost.</summary>
    /// <value>Nothing: what was reserved stays spent.</value>
    public TokenUsage Usage { get; init; }
}
