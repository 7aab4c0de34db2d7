namespace Aegis;

/// <summary>A request was blocked and the policy says <c>onBlock: throw</c>; or, whatever it says, no data came out of a text (<see cref="AegisSandbox"/>), or a text may not be released (<see cref="Untrusted{T}.ReleaseAsync"/>).</summary>
public sealed class AegisBlockedException : AegisException
{
    /// <summary>A blocked request.</summary>
    /// <param name="verdict">Why.</param>
    /// <param name="decisionId">Identity of the inspection.</param>
    public AegisBlockedException(Verdict verdict, string decisionId)
        : base($"Blocked by rule '{verdict?.Rule}' ({(verdict?.Deciding?.Detail is { } detail ? $"{detail}; " : "")}decision {decisionId}).")
    {
        ArgumentNullException.ThrowIfNull(verdict);
        Verdict = verdict;
        DecisionId = decisionId;
    }

    /// <summary>Why.</summary>
    public Verdict Verdict { get; }

    /// <summary>Identity of the inspection, as in its event.</summary>
    public string DecisionId { get; }
}
