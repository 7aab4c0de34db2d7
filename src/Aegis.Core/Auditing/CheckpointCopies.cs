using System.Text;
using Aegis.Policies;

namespace Aegis.Auditing;

/// <summary>Copies of checkpoints in a file of their own, written in the background: the log does not wait for another disk. Those that could not be written wait for the next one, the last ones if they are too many. Thread-safe.</summary>
/// <param name="path">The file.</param>
/// <param name="sync">Whether it is forced onto the disk.</param>
internal sealed class CheckpointCopies(string path, AuditSync sync)
{
    private const int Most = 64;

    private readonly Lock _lock = new();
    private readonly Queue<string> _waiting = [];
    private Task _written = Task.CompletedTask;
    private volatile string? _failing;

    /// <summary>Why the last one could not be written; null: it was.</summary>
    public string? Failing => _failing;

    /// <summary>When what was added until now is written, or could not be.</summary>
    public Task Written
    {
        get
        {
            lock (_lock)
            {
                return _written;
            }
        }
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            _waiting.Enqueue(line);
            if (_waiting.Count > Most)
            {
                _waiting.Dequeue();   // a later one says more
                _failing ??= "it cannot keep up";
            }

            if (_written.IsCompleted)
            {
                _written = AuditWork.Start(WriteAllAsync);
            }
        }
    }

    private Task WriteAllAsync()
    {
        for (var isWritten = true; isWritten;)
        {
            string[] lines;
            lock (_lock)
            {
                lines = [.. _waiting];
                if (lines.Length == 0)
                {
                    _written = Task.CompletedTask;   // under the lock: whatever comes now begins anew
                    return Task.CompletedTask;
                }
            }

            isWritten = TryWrite(lines);
            lock (_lock)
            {
                while (isWritten && _waiting.TryPeek(out var line) && lines.Contains(line, StringComparer.Ordinal))
                {
                    _waiting.Dequeue();
                }

                if (!isWritten)
                {
                    _written = Task.CompletedTask;
                }
            }
        }

        return Task.CompletedTask;
    }

    private bool TryWrite(string[] lines)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete });
            file.Seek(0, SeekOrigin.End);
            if (file.Length > 0)
            {
                file.Seek(-1, SeekOrigin.End);
                if (file.ReadByte() != '\n')
                {
                    file.WriteByte((byte)'\n');   // half a line of a crash
                }
            }

            file.Write(Encoding.ASCII.GetBytes(string.Concat(lines)));
            file.Flush(flushToDisk: sync != AuditSync.Never);
            _failing = null;
            return true;
        }
        catch (Exception e)
        {
            _failing = e.GetType().Name;   // its message may name a path
            return false;
        }
    }
}
