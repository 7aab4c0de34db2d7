namespace Aegis;

/// <summary>Under <c>AdditionalProperties["aegis"]</c> of a response that was made without a message of the user (<c>recovery.mode: reset-last</c>): why the message was left out.</summary>
/// <param name="DecisionId">Identity of the inspection that blocked it, as in its event.</param>
/// <param name="Rules">Ids of the rules that decided.</param>
public sealed record AegisReset(string DecisionId, IReadOnlyList<string> Rules)
{
    /// <summary>Rules and decision on one line.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => $"{string.Join(", ", Rules)} (decision {DecisionId})";
}
