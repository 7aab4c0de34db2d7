namespace Aegis.Policies;

/// <summary>
/// Asks the model again when its response was blocked: with the rule's name, and judged by a stricter policy. Only where nothing of the response was
/// shown (none of it streamed, or <see cref="OutputDelivery.Buffered"/>) and it called no tool; never for what was blocked on its way in.
/// </summary>
public sealed record AutoRetryPolicy
{
    /// <summary>How often a request is asked again, 1 to 5. Each time is a model step and costs what it costs.</summary>
    /// <value>2.</value>
    public int MaxAttempts { get; init; } = 2;

    /// <summary>What becomes stricter.</summary>
    /// <value><see cref="Policies.EscalationPath.StricterScanner"/>.</value>
    public EscalationPath EscalationPath { get; init; }
}
