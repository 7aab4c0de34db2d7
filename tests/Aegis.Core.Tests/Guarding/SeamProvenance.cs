namespace Aegis.Core.Tests.Guarding;

/// <summary>Logs in memory that can fail, be counted and be tampered with.</summary>
internal sealed class SeamProvenance : IProvenanceStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionId, (Guid Generation, List<byte> Bytes)> _logs = [];

    public Fault? OnRead { get; set; }

    public Fault? OnWrite { get; set; }

    /// <summary>Changes what is read.</summary>
    public Func<ProvenanceLog, ProvenanceLog>? Read { get; set; }

    public int Reads { get; private set; }

    public int Writes { get; private set; }

    public int Replacements { get; private set; }

    public ValueTask<ProvenanceLog> ReadAsync(SessionId session, ProvenancePosition from, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Reads++;
            if (OnRead is { } fault)
            {
                return fault.Play<ProvenanceLog>();
            }

            var log = !_logs.TryGetValue(session, out var known) ? default
                : new ProvenanceLog(known.Bytes.Skip(known.Generation == from.Generation ? (int)from.Offset : 0).ToArray(), new(known.Generation, known.Bytes.Count));
            return new(Read?.Invoke(log) ?? log);
        }
    }

    public ValueTask<ProvenancePosition?> AppendAsync(SessionId session, Guid generation, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Writes++;
            if (OnWrite is { } fault)
            {
                return fault.Play<ProvenancePosition?>();
            }

            var log = _logs.GetValueOrDefault(session, (Guid.Empty, []));
            if (log.Generation != generation)
            {
                return new((ProvenancePosition?)null);
            }

            log = log.Generation == Guid.Empty ? (Guid.NewGuid(), log.Bytes) : log;
            log.Bytes.AddRange(bytes.Span);
            _logs[session] = log;
            return new(new ProvenancePosition(log.Generation, log.Bytes.Count));
        }
    }

    public ValueTask<ProvenancePosition?> ReplaceAsync(SessionId session, ProvenancePosition expected, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Writes++;
            if (OnWrite is { } fault)
            {
                return fault.Play<ProvenancePosition?>();
            }

            var log = _logs.GetValueOrDefault(session, (Guid.Empty, []));
            if (new ProvenancePosition(log.Generation, log.Bytes.Count) != expected)
            {
                return new((ProvenancePosition?)null);
            }

            Replacements++;
            _logs[session] = (Guid.NewGuid(), [.. bytes.Span]);
            return new(new ProvenancePosition(_logs[session].Generation, bytes.Length));
        }
    }

    /// <summary>The bytes of a session's log, to look at and to change.</summary>
    public List<byte> BytesOf(SessionId session)
    {
        lock (_lock)
        {
            return _logs[session].Bytes;
        }
    }

    /// <summary>The log expires.</summary>
    public void Drop(SessionId session)
    {
        lock (_lock)
        {
            _logs.Remove(session);
        }
    }
}
