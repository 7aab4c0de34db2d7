namespace Aegis;

/// <summary>Under <c>AdditionalProperties["aegis"]</c> of a response or update that was stopped: why.</summary>
/// <param name="DecisionId">Identity of the inspection, as in its event.</param>
/// <param name="Rules">Ids of the rules that decided.</param>
/// <param name="Detail">Facts of the policy behind the first of them: a limit, a way out.</param>
public sealed record AegisRefusal(string DecisionId, IReadOnlyList<string> Rules, string? Detail)
{
    /// <summary>Rules, detail and decision on one line.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => $"{string.Join(", ", Rules)} ({(Detail is null ? "" : $"{Detail}; ")}decision {DecisionId})";
}
