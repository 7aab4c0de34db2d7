namespace Aegis.Guarding;

/// <summary>Work that nobody waits for any more.</summary>
internal static class Abandoned
{
    /// <summary>A failure that comes too late is nobody's unobserved exception.</summary>
    public static void Observe(Task late) =>
        _ = late.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
