namespace Aegis;

/// <summary>
/// A second opinion on what rules alone cannot decide, for example a model: see <c>judge</c> in <c>docs/policies.md</c> for when it is asked. Thread-safe.
/// An answer that is not in time, or an exception, is none, and <c>judge.onFailure</c> decides.
/// </summary>
public interface IJudge
{
    /// <summary>What an answer to a question costs, as well as can be said before; reserved in the session's budgets until it is known.</summary>
    /// <param name="question">The question.</param>
    /// <returns>Tokens; unless said otherwise one for every three characters, and 1,000 besides. Without a model the dearest price counts.</returns>
    TokenUsage Estimate(JudgeQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return new((question.Length / 3) + 750, 250);
    }

    /// <summary>Asks.</summary>
    /// <param name="question">The question. What is in it is untrusted: it goes to a model as data only.</param>
    /// <param name="cancellationToken">Cancels the question; also when <c>judge.timeout</c> is over.</param>
    /// <returns>The answer.</returns>
    ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken);
}
