using System.Collections.Concurrent;

namespace Aegis.Benchmarks;

/// <summary>A store of provenance that answers at once.</summary>
internal sealed class ProvenanceLogs : IProvenanceStore
{
    private readonly ConcurrentDictionary<SessionId, (Guid Generation, byte[] Bytes)> _logs = new();

    public ValueTask<ProvenanceLog> ReadAsync(SessionId session, ProvenancePosition from, CancellationToken cancellationToken)
    {
        var (generation, bytes) = _logs.GetValueOrDefault(session, (Guid.Empty, []));
        return new(new ProvenanceLog(bytes.AsMemory(generation == from.Generation ? (int)from.Offset : 0), new(generation, bytes.Length)));
    }

    public ValueTask<ProvenancePosition?> AppendAsync(SessionId session, Guid generation, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var log = _logs.GetValueOrDefault(session, (Guid.Empty, []));
        return log.Generation == generation ? Put(session, generation == Guid.Empty ? Guid.NewGuid() : generation, [.. log.Bytes, .. bytes.Span]) : new((ProvenancePosition?)null);
    }

    public ValueTask<ProvenancePosition?> ReplaceAsync(SessionId session, ProvenancePosition expected, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _logs.GetValueOrDefault(session, (Guid.Empty, [])) is var log && new ProvenancePosition(log.Generation, log.Bytes.Length) == expected ? Put(session, Guid.NewGuid(), bytes.ToArray()) : new((ProvenancePosition?)null);

    private ValueTask<ProvenancePosition?> Put(SessionId session, Guid generation, byte[] bytes)
    {
        _logs[session] = (generation, bytes);
        return new(new ProvenancePosition(generation, bytes.Length));
    }
}
