using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Integrity;
using Aegis.Policies;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Auditing;

/// <summary>
/// The log as a chain of lines in files. One process writes it, under a lock beside it; one batch is one write. What a batch does not finish is taken back, so that it
/// can be tried again. Not thread-safe.
/// </summary>
/// <param name="settings">Where and how.</param>
/// <param name="records">Makes records about the log itself.</param>
/// <param name="time">The clock.</param>
/// <param name="onCheckpoint">Takes the line of each checkpoint, with its end.</param>
internal sealed class AuditFile(AuditFileSettings settings, AuditRecords records, TimeProvider time, Action<string>? onCheckpoint = null) : IAuditTransport, IDisposable
{
    private const int LogIdBytes = 8;

    private readonly string _path = Path.GetFullPath(settings.Path);
    private readonly AuditChain _chain = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 16);
    private readonly byte[] _head = new byte[AuditChain.Size];
    private readonly byte[] _nextHead = new byte[AuditChain.Size];
    private Utf8JsonWriter? _writer;
    private FileStream? _lock;
    private SafeFileHandle? _file;
    private string? _previous;
    private string? _found;
    private string[] _deletes = [];
    private string _log = "";
    private long _oldest = 1;
    private bool _isKnown;   // where the chain has got to
    private long _foundBytes;
    private long _length;
    private long _sequence;
    private long _next;
    private long _first;
    private long _began;
    private TimeSpan _ageAtStart;
    private long _checkpointed;
    private long _firstUnchecked;
    private bool _isDirty;

    /// <summary>Times that a batch was forced onto the disk.</summary>
    public long Syncs { get; private set; }

    private AuditPolicy Policy => settings.Policy;

    /// <summary>When the next checkpoint is due; null: every record is behind one.</summary>
    public TimeSpan? CheckpointDue => _sequence <= _checkpointed ? null : Policy.CheckpointInterval - time.GetElapsedTime(_firstUnchecked) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<AuditRecord> batch, CancellationToken cancellationToken)
    {
        Write(batch, isCheckpoint: false);
        return default;
    }

    /// <summary>Opens the log, and shows that it can be written: a new file begins, and behind what is there stands a checkpoint.</summary>
    public void TakeUp() => Write([], isCheckpoint: new FileInfo(_path) is { Exists: true, Length: > 0 });

    /// <summary>Writes a checkpoint, if there are records behind the last one.</summary>
    public void Checkpoint()
    {
        if (_sequence > _checkpointed)
        {
            Write([], isCheckpoint: true);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _lock?.Dispose();
        _chain.Dispose();
        _writer?.Dispose();
    }

    private void Write(IReadOnlyList<AuditRecord> batch, bool isCheckpoint)
    {
        var now = time.GetUtcNow();
        var key = settings.Keys.SignsAt(now);
        if (key is null && !settings.Keys.IsEmpty)
        {
            throw new AuditFileException("every key of the audit log has expired");
        }

        Prepare();
        _buffer.ResetWrittenCount();
        _head.CopyTo(_nextHead.AsSpan());
        _next = _sequence;
        var begins = _length == 0;
        if (begins)
        {
            AppendHeader(key, now);
        }

        if (_found is not null)
        {
            Append(key, records.Of(AuditTypes.Recovery, now, _foundBytes, _found));
        }

        foreach (var record in batch)
        {
            Append(key, record);
        }

        string? line = null;
        if (isCheckpoint || _next - _checkpointed >= Policy.CheckpointRecords || CheckpointDue == TimeSpan.Zero)
        {
            var start = _buffer.WrittenCount;
            AppendCheckpoint(key, now);
            line = Encoding.ASCII.GetString(_buffer.WrittenSpan[start..]);
        }

        Commit(line is not null);
        if (begins)
        {
            (_first, _began, _ageAtStart) = (_sequence + 1, time.GetTimestamp(), TimeSpan.Zero);
        }

        if (_sequence <= _checkpointed)
        {
            _firstUnchecked = time.GetTimestamp();
        }

        (_sequence, _found, _foundBytes) = (_next, null, 0);
        _nextHead.CopyTo(_head.AsSpan());
        Delete();
        if (line is not null)
        {
            _checkpointed = _sequence;
            onCheckpoint?.Invoke(line);
        }
    }

    /// <summary>All or nothing: what a full disk has taken of a batch is taken back.</summary>
    private void Commit(bool isCheckpoint)
    {
        _isDirty = true;
        try
        {
            RandomAccess.Write(_file!, _buffer.WrittenSpan, _length);
            if (Policy.Fsync == AuditSync.Always || (isCheckpoint && Policy.Fsync == AuditSync.Checkpoint))
            {
                RandomAccess.FlushToDisk(_file!);
                Syncs++;
            }
        }
        catch (Exception)
        {
            TakeBack();
            throw;
        }

        _isDirty = false;
        _length += _buffer.WrittenCount;
    }

    private void TakeBack()
    {
        try
        {
            RandomAccess.SetLength(_file!, _length);
            _isDirty = false;
        }
        catch (Exception)
        {
            // Before the next write, then; nothing is written until it can be.
        }
    }

    /// <summary>The right file is open, and ends where the chain does.</summary>
    private void Prepare()
    {
        if (_file is not null && _isDirty)
        {
            RandomAccess.SetLength(_file, _length);
            _isDirty = false;
        }

        if (_file is not null && !IsOurs())
        {
            Leave();
        }

        if (_file is null)
        {
            Open();
        }

        if (IsFinished)
        {
            Finish();
        }
    }

    private bool IsFinished => _length > 0 && _sequence > _first && (_length >= Policy.Rotation.Size || (Policy.Rotation.Every is { } every && _ageAtStart + time.GetElapsedTime(_began) >= every));

    /// <summary>
    /// Whether the path still names the file that is open, as long as it was left. Two stats tell a file that was renamed, deleted, replaced or cut; a copy with the same length
    /// and time is told one batch later, when the file has grown and the copy has not.
    /// </summary>
    private bool IsOurs()
    {
        var named = new FileInfo(_path);
        return named.Exists && named.Length == _length && RandomAccess.GetLength(_file!) == _length && named.LastWriteTimeUtc == File.GetLastWriteTimeUtc(_file!);
    }

    /// <summary>Somebody has renamed, deleted or cut the file: the chain goes on in a new one.</summary>
    private void Leave()
    {
        _file!.Dispose();
        _file = null;
        var named = new FileInfo(_path);
        if (named is { Exists: true, Length: > 0 })
        {
            MoveAside();   // what somebody else has put there, or left of ours
        }

        if (_sequence >= _first && !AuditFiles.Of(_path).Any(file => FirstOf(file) == _first))
        {
            _found = FormattableString.Invariant($"the file of records {_first} to {_sequence} was taken away");
        }

        _previous = null;
        Begin();
    }

    private void Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _lock ??= Lock();
        if (_isKnown)
        {
            Begin();   // after a failure
            return;
        }

        if (new FileInfo(_path) is { Exists: true, Length: > 0 })
        {
            Resume();
            return;
        }

        FindPrevious();
        Know();
        Begin();
    }

    /// <summary>Where the chain has got to, when the file that was written last has another name or is gone.</summary>
    private void FindPrevious()
    {
        foreach (var file in AuditFiles.Of(_path).Where(file => !string.Equals(file, _path, StringComparison.Ordinal)).Reverse())
        {
            using var verifier = Scan(file, out _);   // the newest one says where the chain is
            if (verifier.Last > 0)
            {
                Take(verifier);
                _previous = Path.GetFileName(file);
                break;
            }
        }
    }

    /// <summary>Goes on with a file of another process, or of this one before it was restarted.</summary>
    private void Resume()
    {
        using var verifier = Scan(_path, out var fault);
        Take(verifier);
        if (fault is { IsTorn: false })
        {
            _found = fault.ToString();   // first: what fails from here on is tried again
            _previous = Path.GetFileName(MoveAside());
            if (_sequence == 0)
            {
                FindPrevious();
            }

            Know();
            Begin();
            return;
        }

        var file = OpenFile();
        try
        {
            var length = RandomAccess.GetLength(file);
            if (fault is not null)
            {
                SetAside(file, verifier.GoodLength, length);
                (_found, _foundBytes) = ("half a record at the end was set aside", length - verifier.GoodLength);
            }
            else if (!verifier.IsSigned && !settings.Keys.IsEmpty)
            {
                _found = "the log was taken up as it is: it is signed with a key that is not there, or with none";
            }

            if (_sequence == 0)
            {
                FindPrevious();
            }

            _length = verifier.GoodLength;
            _first = verifier.First;
            _began = time.GetTimestamp();
            _ageAtStart = DateTimeOffset.TryParse(verifier.FileTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var begun) && time.GetUtcNow() - begun is { Ticks: > 0 } age ? age : TimeSpan.Zero;
            _checkpointed = Math.Max(0, _sequence - 1);   // a checkpoint comes soon
            _firstUnchecked = time.GetTimestamp();
            Know();
            _file = file;
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }
    }

    private void Take(AuditVerifier verifier)
    {
        _sequence = verifier.Last;
        _checkpointed = verifier.Last;
        verifier.Head.CopyTo(_head);
        _log = verifier.Log ?? "";
        _oldest = settings.Keys.IsEmpty || verifier.IsHeaderSigned ? Math.Max(1, verifier.Oldest) : 1;   // anybody can write what no key of ours has signed
    }

    /// <summary>The state is that of the files: it is not read again.</summary>
    private void Know()
    {
        _isKnown = true;
        _log = _log.Length > 0 ? _log : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(LogIdBytes));
    }

    private AuditVerifier Scan(string path, out AuditFault? fault)
    {
        var verifier = new AuditVerifier(settings.Keys, isLenient: true);
        using var stream = AuditFiles.Open(path);
        fault = verifier.Read(Path.GetFileName(path), stream);
        return verifier;
    }

    /// <summary>Half a record is evidence too.</summary>
    private void SetAside(SafeFileHandle file, long from, long to)
    {
        var torn = new byte[to - from];
        RandomAccess.Read(file, torn, from);
        using (var aside = new FileStream($"{_path}.torn", Options(FileMode.Append, FileAccess.Write)))
        {
            aside.Write(torn);
            aside.Write("\n"u8);
        }

        RandomAccess.SetLength(file, from);
    }

    private void Begin()
    {
        var file = OpenFile();
        if (RandomAccess.GetLength(file) > 0)
        {
            file.Dispose();   // after a failure: what stands there is complete, or somebody else's
            _previous = Path.GetFileName(MoveAside());
            file = OpenFile();
        }

        (_file, _length, _isDirty) = (file, 0, false);
    }

    private void Finish()
    {
        if (Policy.Fsync != AuditSync.Never)
        {
            RandomAccess.FlushToDisk(_file!);
        }

        _file!.Dispose();
        _file = null;
        _previous = Path.GetFileName(MoveAside());
        var finished = AuditFiles.OwnOf(_path);
        var (deleted, kept) = (finished.SkipLast(Policy.Rotation.Keep).ToArray(), finished.TakeLast(Policy.Rotation.Keep).ToArray());
        if (deleted.Length > 0)
        {
            _oldest = Math.Max(_oldest, kept.Length > 0 ? FirstOf(kept[0]) : _sequence + 1);
        }

        _deletes = deleted;   // once the new file says so
        Begin();
    }

    private void Delete()
    {
        foreach (var file in _deletes)
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // With the next file, then: what was written is written.
            }
        }

        _deletes = [];
    }

    /// <summary>Gives the file the name of a finished one.</summary>
    private string MoveAside()
    {
        for (var again = 0; ; again++)
        {
            var name = AuditFiles.Finished(_path, FirstOf(_path), again);
            if (!File.Exists(name))
            {
                File.Move(_path, name);
                return name;
            }
        }
    }

    private static long FirstOf(string path)
    {
        using var stream = AuditFiles.Open(path);
        return new AuditLineReader(stream).TryRead(out var line) && AuditLine.TryParse(line, out var parsed) ? parsed.Sequence : 0;
    }

    private FileStream Lock()
    {
        try
        {
            return new($"{_path}.lock", Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new AuditFileException("the lock beside the audit log cannot be taken: another process or guard writes the log (give each its own audit.path), or the folder takes no file", e);
        }
    }

    private SafeFileHandle OpenFile()
    {
        using var stream = new FileStream(_path, Options(FileMode.OpenOrCreate, FileAccess.ReadWrite));
        stream.Dispose();
        return File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    private static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share = FileShare.ReadWrite | FileShare.Delete)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        }

        return options;
    }

    private void AppendHeader(HistoryKey? key, DateTimeOffset now)
    {
        var start = Start(key);
        AuditJson.WriteStart(_writer!, now, AuditTypes.File);
        _writer!.WriteString("log", _log);
        _writer.WriteNumber("oldest", _oldest);
        if (_sequence > 0)
        {
            _writer.WriteStartObject("previous");
            _writer.WriteNumber("seq", _sequence);
            _writer.WriteString("head", Convert.ToHexStringLower(_head));
            if (_previous is not null)
            {
                _writer.WriteString("file", AuditText.Of(_previous));
            }

            _writer.WriteEndObject();
        }

        AuditJson.WritePlace(_writer!, records.Instance, records.Region);
        End(key, start);
    }

    private void AppendCheckpoint(HistoryKey? key, DateTimeOffset now)
    {
        var start = Start(key);
        AuditJson.WriteStart(_writer!, now, AuditTypes.Checkpoint);
        _writer!.WriteNumber("count", _next - 1);
        _writer.WriteString("head", Convert.ToHexStringLower(_nextHead));
        AuditJson.WritePlace(_writer, records.Instance, records.Region);
        End(key, start);
    }

    private void Append(HistoryKey? key, AuditRecord record)
    {
        var start = Start(key);
        AuditJson.WriteMembers(_writer!, record);
        End(key, start);
    }

    private int Start(HistoryKey? key)
    {
        var start = _buffer.WrittenCount;
        if (_writer is null)
        {
            _writer = new(_buffer);
        }
        else
        {
            _writer.Reset(_buffer);
        }

        _writer.WriteStartObject();
        _writer.WriteNumber("seq", ++_next);
        if (key is not null)
        {
            _writer.WriteString("key", key.Id);
        }

        return start;
    }

    private void End(HistoryKey? key, int start)
    {
        _writer!.Flush();
        Span<byte> code = stackalloc byte[AuditChain.Size];
        _chain.Write(key, _nextHead, _buffer.WrittenSpan[start..], code);
        code.CopyTo(_nextHead);
        _buffer.Write(key is null ? AuditLine.Sum : AuditLine.Mac);
        Span<byte> digits = stackalloc byte[2 * AuditChain.Size];
        Convert.TryToHexStringLower(code, digits, out _);
        _buffer.Write(digits);
        _buffer.Write(AuditLine.End);
        _buffer.Write("\n"u8);
    }
}
