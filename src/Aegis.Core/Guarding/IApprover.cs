namespace Aegis;

/// <summary>Asks a person. Thread-safe. An answer that takes longer than the guard's approval timeout, or an exception, is a no; so is an answer to a policy that is not at work any more.</summary>
public interface IApprover
{
    /// <summary>Asks whether a call may run.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <returns>Whether this one call may run, once.</returns>
    ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken);

    /// <summary>Asks about all calls of a step that need a yes, at once. Either the whole step runs or nothing of it does, so that without an override the calls are asked about one by one, until the first that may not run.</summary>
    /// <param name="requests">What is asked; one, when a single call is judged.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <returns>An answer to each, in the same order. The approval timeout is for all of them.</returns>
    async ValueTask<IReadOnlyList<ApprovalAnswer>> ApproveAllAsync(IReadOnlyList<ApprovalRequest> requests, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var answers = new ApprovalAnswer[requests.Count];
        for (var i = 0; i < answers.Length && (i == 0 || answers[i - 1].Approves); i++)
        {
            answers[i] = await ApproveAsync(requests[i], cancellationToken);
        }

        return answers;
    }
}
