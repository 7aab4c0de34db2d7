namespace Aegis.Tools;

/// <summary>Pins in a JSON file, shared by processes. The file is replaced whole; a file that cannot be read has no pins, and everything fails until it can.</summary>
internal sealed class FileToolPinStore : IToolPinStore, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const int Attempts = 100;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1);
    private Known? _known;

    public FileToolPinStore(string path, TimeProvider time) => (_path, _time) = (Path.GetFullPath(path), time);

    public async ValueTask<IReadOnlyList<ToolPin>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (written, length) = Stamp();
            if (Volatile.Read(ref _known) is { } known && known.Written == written && known.Length == length)
            {
                return known.Pins;
            }

            var read = new Known(length < 0 ? [] : PinFile.Read(await File.ReadAllBytesAsync(_path, cancellationToken)), written, length);
            Volatile.Write(ref _known, read);   // a file that was replaced meanwhile has another stamp next time
            return read.Pins;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolPinException($"the pin file cannot be read ({e.GetType().Name})", e);
        }
    }

    public async ValueTask<IReadOnlyList<ToolPin>> UpdateAsync(Func<IReadOnlyList<ToolPin>, IReadOnlyList<ToolPin>> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await using var alone = await AloneAsync(cancellationToken);
            var pins = await ReadAsync(cancellationToken);
            var changed = change(pins);
            if (!ReferenceEquals(changed, pins))
            {
                await ReplaceAsync(PinFile.Write(changed), cancellationToken);
                pins = await ReadAsync(cancellationToken);
            }

            return pins;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolPinException($"the pin file cannot be written ({e.GetType().Name})", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private (DateTime Written, long Length) Stamp() => new FileInfo(_path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : (default, -1);

    /// <summary>Keeps other processes out until disposed.</summary>
    private async ValueTask<FileStream> AloneAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new($"{_path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (attempt < Attempts && e is not (DirectoryNotFoundException or PathTooLongException))
            {
                await Task.Delay(Pause, _time, cancellationToken);
            }
        }
    }

    /// <summary>Whoever reads meanwhile sees all of the old file or all of the new one.</summary>
    private async ValueTask ReplaceAsync(byte[] json, CancellationToken cancellationToken)
    {
        var beside = $"{_path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var file = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(json, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, _path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    private sealed record Known(IReadOnlyList<ToolPin> Pins, DateTime Written, long Length);
}
