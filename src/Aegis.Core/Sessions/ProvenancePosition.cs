namespace Aegis;

/// <summary>A place in a session's log of provenance. <c>default</c>: there is no log, or nothing of it has been read.</summary>
/// <param name="Generation">Which log: a value that no other log of this session has or had, for example <see cref="Guid.NewGuid"/>; <see cref="Guid.Empty"/> for none. A log that is replaced, or made anew after it has expired, is another one.</param>
/// <param name="Offset">Bytes of the log before the place; 0 without a log.</param>
public readonly record struct ProvenancePosition(Guid Generation, long Offset);
