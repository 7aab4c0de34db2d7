namespace Aegis;

/// <summary>
/// Where it is kept what entered sessions, so that instances share it and a restart forgets none of it: one log of bytes a session, under
/// <see cref="SessionId.ToStorageKey"/>, to which several processes append. Implementations are thread-safe, and let exceptions out, which block. What is written is sealed,
/// and means nothing to a store. It is personal data all the same: a log should expire a while after its last use, with the session's state and never before it.
/// Each operation is one round trip for a store outside the process. <c>ProvenanceStoreChecks</c> of <c>Aegis.Testing</c> says whether an implementation is sound.
/// </summary>
public interface IProvenanceStore
{
    /// <summary>What was appended behind a position.</summary>
    /// <param name="session">The session.</param>
    /// <param name="from">Where to begin. A position of another generation than the log's counts as its beginning.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The bytes, and where the log ends.</returns>
    ValueTask<ProvenanceLog> ReadAsync(SessionId session, ProvenancePosition from, CancellationToken cancellationToken);

    /// <summary>Appends to a log at its end, whole or not at all, however many others do so. A log that does not exist is made with a new generation when <paramref name="generation"/> says so.</summary>
    /// <param name="session">The session.</param>
    /// <param name="generation">The log that is meant; <see cref="Guid.Empty"/>: none exists.</param>
    /// <param name="bytes">What to append, at least one byte.</param>
    /// <param name="cancellationToken">Cancels it; either all of it happens or nothing.</param>
    /// <returns>The end of the log, right behind these bytes; <see langword="null"/> when the log is another one than was meant, and nothing was appended.</returns>
    ValueTask<ProvenancePosition?> AppendAsync(SessionId session, Guid generation, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Puts a log with a new generation in the place of one that ends where it is expected to end, whole or not at all. That is how logs stay small: Aegis replaces one of more than 256 KiB by what is left of it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="expected">The end of the log that is replaced; <c>default</c>: none exists.</param>
    /// <param name="bytes">The new log, at least one byte.</param>
    /// <param name="cancellationToken">Cancels it; either all of it happens or nothing.</param>
    /// <returns>The end of the new log; <see langword="null"/> when the log ends somewhere else by now, and nothing was changed.</returns>
    ValueTask<ProvenancePosition?> ReplaceAsync(SessionId session, ProvenancePosition expected, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}
