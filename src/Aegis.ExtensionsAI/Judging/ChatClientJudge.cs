using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;

namespace Aegis;

/// <summary>
/// A judge over any chat client. The client gets no tools; what is judged goes in as JSON strings between random lines; an answer counts only if it is nothing but the
/// object that was asked for, with the random word of this very question. A call that fails on its way is made again while there is time, and where many fail nobody is asked
/// for a while. Thread-safe if the client is.
/// </summary>
public sealed class ChatClientJudge : IJudge
{
    private readonly ModelCalls _calls;
    private readonly int _maxOutput;

    /// <summary>Makes a judge.</summary>
    /// <param name="client">The client, bare or guarded: while it judges, a guard around it adds nothing.</param>
    /// <param name="options">How it asks; unless said otherwise, as <see cref="ChatClientJudgeOptions"/> says.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ChatClientJudge(IChatClient client, ChatClientJudgeOptions? options = null)
    {
        options ??= new();
        (_calls, _maxOutput) = (new(client, options), options.MaxOutputTokens);
    }

    /// <inheritdoc/>
    public TokenUsage Estimate(JudgeQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return new((question.Length + JudgePrompt.Length) / 3, _maxOutput, _calls.Model);
    }

    /// <inheritdoc/>
    /// <exception cref="AegisException">The answer is none.</exception>
    public async ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        var prompt = JudgePrompt.Of(question);
        return JudgeAnswer.Read(await _calls.AskAsync(prompt.Messages, ChatResponseFormat.Json, cancellationToken).ConfigureAwait(false), prompt.Nonce, _calls.Model);
    }
}
