using System.Buffers.Binary;

namespace Aegis.Testing;

/// <summary>
/// Logs of provenance in a folder, a file each, for suites and tools that end and start again, and for several processes of one machine at once. A process that dies while it
/// appends has appended nothing. Nothing expires: whoever keeps the folder removes files. Thread-safe. Uses nothing of Aegis that another store could not.
/// </summary>
public sealed class FileProvenanceStore : IProvenanceStore
{
    private const int GenerationLength = 16;
    private const int Head = GenerationLength + sizeof(long);

    private readonly string _folder;

    /// <summary>A store over a folder, which is made when it is missing.</summary>
    /// <param name="folder">The folder. Whoever can write there can make sessions forget.</param>
    public FileProvenanceStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>The file of a session's log: its generation, how long it is, and its bytes.</summary>
    /// <param name="session">The session.</param>
    /// <returns>Its path.</returns>
    public string PathOf(SessionId session) => Path.Combine(_folder, $"{session.ToStorageKey()}.log");

    /// <inheritdoc/>
    public async ValueTask<ProvenanceLog> ReadAsync(SessionId session, ProvenancePosition from, CancellationToken cancellationToken)
    {
        await using var held = await FileLock.TakeAsync(LockOf(session), cancellationToken);
        await using var file = Open(session);
        var end = await EndAsync(file, cancellationToken);
        var start = end.Generation == from.Generation ? Math.Min(from.Offset, end.Offset) : 0;
        var bytes = new byte[end.Offset - start];
        if (bytes.Length > 0)
        {
            file.Position = Head + start;
            await file.ReadExactlyAsync(bytes, cancellationToken);
        }

        return new(bytes, end);
    }

    /// <inheritdoc/>
    public async ValueTask<ProvenancePosition?> AppendAsync(SessionId session, Guid generation, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await using var held = await FileLock.TakeAsync(LockOf(session), cancellationToken);
        await using var file = Open(session);
        var end = await EndAsync(file, cancellationToken);
        return end.Generation != generation ? null : await WriteAsync(file, end.Generation == Guid.Empty ? new(Guid.NewGuid(), 0) : end, bytes, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ProvenancePosition?> ReplaceAsync(SessionId session, ProvenancePosition expected, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await using var held = await FileLock.TakeAsync(LockOf(session), cancellationToken);
        await using (var file = Open(session))
        {
            if (await EndAsync(file, cancellationToken) != expected)
            {
                return null;
            }
        }

        var next = $"{PathOf(session)}.next";   // nobody else writes it: the lock is held
        ProvenancePosition end;
        await using (var file = new FileStream(next, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            end = await WriteAsync(file, new(Guid.NewGuid(), 0), bytes, cancellationToken);
        }

        File.Move(next, PathOf(session), overwrite: true);
        return end;
    }

    /// <summary>What counts is what the head says, which is written last.</summary>
    private static async ValueTask<ProvenancePosition> WriteAsync(FileStream file, ProvenancePosition at, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var head = new byte[Head];
        at.Generation.TryWriteBytes(head);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(GenerationLength), at.Offset + bytes.Length);
        file.Position = Head + at.Offset;
        await file.WriteAsync(bytes, CancellationToken.None);   // what was begun is done
        file.Flush(flushToDisk: true);
        file.Position = 0;
        await file.WriteAsync(head, CancellationToken.None);
        file.Flush(flushToDisk: true);
        return at with { Offset = at.Offset + bytes.Length };
    }

    /// <summary>A file that is too short for a head is no log; one that is cut off ends where it is cut off.</summary>
    private static async ValueTask<ProvenancePosition> EndAsync(FileStream file, CancellationToken cancellationToken)
    {
        var head = new byte[Head];
        if (file.Length < Head)
        {
            return default;
        }

        await file.ReadExactlyAsync(head, cancellationToken);
        var generation = new Guid(head.AsSpan(0, GenerationLength));
        return generation == Guid.Empty ? default : new(generation, Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(GenerationLength)), 0, file.Length - Head));
    }

    private FileStream Open(SessionId session) => new(PathOf(session), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private string LockOf(SessionId session) => $"{PathOf(session)}.lock";
}
