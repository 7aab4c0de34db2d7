namespace Aegis.Policies;

/// <summary>
/// Signs the conversations that leave and verifies those that come back, where clients keep the history: what the model or a tool is said to have said was
/// said, in this order and in this session. Needs an <see cref="AegisScope"/> to know whose conversation it is.
/// </summary>
public sealed record IntegrityPolicy
{
    /// <summary>The keys, at least one. The first that has not expired signs; all that have not expired verify, so that a new one stands before the old one for a while.</summary>
    /// <value>None, which is refused at start.</value>
    public IReadOnlyList<IntegrityKeyPolicy> Keys { get; init; } = [];

    /// <summary>How it is signed.</summary>
    /// <value><see cref="IntegrityAlgorithm.Sha256"/>, the only one.</value>
    public IntegrityAlgorithm Algorithm { get; init; }

    /// <summary>What happens to a history that was not said so.</summary>
    /// <value><see cref="IntegrityFailure.Block"/>.</value>
    public IntegrityFailure OnFailure { get; init; }
}
