namespace Aegis.Auditing;

/// <summary>
/// Takes records somewhere. Called by one background task at a time, with batches in their order. One that throws is asked again with the same batch, three times
/// in all, after which the batch is lost and a gap recorded; one that hangs is not called again until it returns. Neither harms the app, unless the policy requires the log.
/// </summary>
public interface IAuditTransport
{
    /// <summary>Takes a batch. When it returns, the records are where they should be.</summary>
    /// <param name="records">1 to 512 records. The list is not changed afterwards.</param>
    /// <param name="cancellationToken">The guard is disposed and its time to write is over.</param>
    /// <returns>When they are there.</returns>
    ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken);
}
