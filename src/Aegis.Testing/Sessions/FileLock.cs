namespace Aegis.Testing;

/// <summary>A lock that all processes of a machine heed.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Held until it is disposed of. The system gives it back when a process ends, however it ends.</summary>
    public static async ValueTask<FileStream> TakeAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(began) < Most)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);   // somebody else has it
            }
        }
    }
}
