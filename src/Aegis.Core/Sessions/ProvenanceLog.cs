namespace Aegis;

/// <summary>What a store has of a session's log of provenance behind a position.</summary>
/// <param name="Bytes">All bytes behind the position that was asked for; the whole log where that position is of another generation.</param>
/// <param name="End">Where they end, which is the end of the log; <c>default</c> where there is none.</param>
public readonly record struct ProvenanceLog(ReadOnlyMemory<byte> Bytes, ProvenancePosition End);
