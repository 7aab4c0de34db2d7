namespace Aegis;

/// <summary>Asks a person. Thread-safe.</summary>
public interface IApprover
{
    /// <summary>Asks whether a call may run. An answer that takes longer than the guard's approval timeout, or an exception, is a no.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <returns>Whether this one call may run, once.</returns>
    ValueTask<bool> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken);
}
