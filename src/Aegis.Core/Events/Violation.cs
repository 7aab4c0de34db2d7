namespace Aegis.Events;

/// <summary>Something that was stopped, or in monitor mode would have been.</summary>
/// <param name="DecisionId">Identity of the inspection.</param>
/// <param name="Checkpoint">Where in the loop.</param>
/// <param name="Session">Whose conversation.</param>
/// <param name="Tool">The tool, if it is about one.</param>
/// <param name="Verdict">Why.</param>
/// <param name="IsEnforced">Whether it was stopped.</param>
public sealed record Violation(string DecisionId, Checkpoint Checkpoint, SessionId Session, string? Tool, Verdict Verdict, bool IsEnforced);
