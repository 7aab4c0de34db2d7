namespace Aegis.Testing;

/// <summary>
/// Sessions in a folder, a file each, for suites and tools that end and start again, and for several processes at once: one lock a session, every
/// change written whole and put in place of the one before. A file that is damaged is refused until somebody removes it, which forgets the session.
/// Thread-safe. Uses nothing of Aegis that another store could not.
/// </summary>
public sealed class FileSessionStore : ISessionStore
{
    private const int Turns = 64;

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Turns).Select(static _ => new SemaphoreSlim(1, 1))];
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;
    private readonly long _startTimestamp;

    /// <summary>A store over a folder, which is made when it is missing.</summary>
    /// <param name="folder">The folder. Whoever can write there decides about sessions.</param>
    /// <param name="time">The clock.</param>
    public FileSessionStore(string folder, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Directory.CreateDirectory(folder).FullName;
        _time = time ?? TimeProvider.System;
        _start = _time.GetUtcNow();
        _startTimestamp = _time.GetTimestamp();
    }

    /// <summary>The file of a session.</summary>
    /// <param name="id">The session.</param>
    /// <returns>Its path.</returns>
    public string PathOf(SessionId id) => Path.Combine(_folder, $"{id.ToStorageKey()}.session");

    /// <inheritdoc/>
    public async ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken)
    {
        try
        {
            return SessionState.FromBytes(id, await File.ReadAllBytesAsync(PathOf(id), cancellationToken));
        }
        catch (FileNotFoundException)
        {
            return SessionState.Empty;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var path = PathOf(id);
        var turn = _turns[Convert.ToInt32(Path.GetFileName(path)[..2], 16) % Turns];   // in this process, in order
        await turn.WaitAsync(cancellationToken);
        try
        {
            await using var held = await FileLock.TakeAsync($"{path}.lock", cancellationToken);
            var state = await ReadAsync(id, cancellationToken);
            var (changed, result) = change(state, argument);
            if (!ReferenceEquals(changed, state))
            {
                await WriteAsync(path, id, changed.Compact(_start + _time.GetElapsedTime(_startTimestamp)), cancellationToken);
            }

            return result;
        }
        finally
        {
            turn.Release();
        }
    }

    private static async ValueTask WriteAsync(string path, SessionId id, SessionState state, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(state, SessionState.Empty))
        {
            File.Delete(path);
            return;
        }

        var next = $"{path}.next";   // nobody else writes it: the lock is held
        await using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await file.WriteAsync(state.ToBytes(id), cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
