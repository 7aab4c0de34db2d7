using System.Text;
using Aegis.Policies;

namespace Aegis.Auditing;

/// <summary>Copies of checkpoints in a file of their own. Those that could not be written wait for the next one, the last ones if they are too many. Not thread-safe, but for <see cref="Failing"/>.</summary>
/// <param name="path">The file.</param>
/// <param name="sync">Whether it is forced onto the disk.</param>
internal sealed class CheckpointCopies(string path, AuditSync sync)
{
    private const int Most = 64;

    private readonly Queue<string> _waiting = [];
    private volatile string? _failing;

    /// <summary>Why the last one could not be written; null: it was.</summary>
    public string? Failing => _failing;

    public void Add(string line)
    {
        _waiting.Enqueue(line);
        if (_waiting.Count > Most)
        {
            _waiting.Dequeue();   // a later one says more
        }

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

            file.Write(Encoding.ASCII.GetBytes(string.Concat(_waiting)));
            file.Flush(flushToDisk: sync != AuditSync.Never);
            _waiting.Clear();
            _failing = null;
        }
        catch (Exception e)
        {
            _failing = e is IOException or UnauthorizedAccessException ? e.Message : e.GetType().Name;
        }
    }
}
