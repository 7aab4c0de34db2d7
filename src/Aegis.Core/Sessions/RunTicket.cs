namespace Aegis;

/// <summary>What a session must know of a run to open its account.</summary>
/// <param name="Id">The run.</param>
/// <param name="Parent">The run above it in the same session.</param>
/// <param name="Started">When it began.</param>
/// <param name="Depth">Sub-agents above it.</param>
/// <param name="StartedByMessages">Whether nobody but the messages say that a run begins, so that it counts as one.</param>
/// <param name="Steps">Steps that the history shows to be taken already.</param>
internal readonly record struct RunTicket(RunId Id, RunId Parent, DateTimeOffset Started, int Depth, bool StartedByMessages, int Steps);
