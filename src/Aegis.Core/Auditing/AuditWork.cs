namespace Aegis.Auditing;

/// <summary>Work of the log, which outlives the request that began it and knows nothing of it.</summary>
internal static class AuditWork
{
    public static Task Start(Func<Task> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(work);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(work);
        }
    }
}
