using Aegis.ExtensionsAI;
using Microsoft.Extensions.AI;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Aegis;

/// <summary>
/// A judge over any chat client. The client gets no tools; what is judged goes in as JSON strings between random lines; an answer counts only if it is nothing but the
/// object that was asked for, with the random word of this very question. A call that fails on its way is made again while there is time, and where many fail nobody is asked
/// for a while. Thread-safe if the client is.
/// </summary>
public sealed class ChatClientJudge : IJudge
{
    private const int LeastSampled = 10;
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IChatClient _client;
    private readonly ChatClientJudgeOptions _options;
    private readonly ResiliencePipeline _calls;
    private readonly string? _model;

    /// <summary>Makes a judge.</summary>
    /// <param name="client">The client, bare or guarded: while it judges, a guard around it adds nothing.</param>
    /// <param name="options">How it asks; unless said otherwise, as <see cref="ChatClientJudgeOptions"/> says.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ChatClientJudge(IChatClient client, ChatClientJudgeOptions? options = null)
    {
        _client = client ?? throw new ArgumentNullException(nameof(client));
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxOutputTokens, 50, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.Retries, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.Retries, 5, nameof(options));
        if (_options is not { BreakAt: > 0 and <= 1, BreakFor.TotalSeconds: >= 0.5 and <= 86_400 })
        {
            throw new ArgumentOutOfRangeException(nameof(options), "BreakAt is above 0 and at most 1, BreakFor half a second to a day.");
        }

        _model = _options.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId;
        _calls = Calls(_options);
    }

    /// <inheritdoc/>
    public TokenUsage Estimate(JudgeQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return new((question.Length + JudgePrompt.Length) / 3, _options.MaxOutputTokens, _model);
    }

    /// <inheritdoc/>
    /// <exception cref="AegisException">The answer is none.</exception>
    public async ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        var prompt = JudgePrompt.Of(question);
        var response = await _calls.ExecuteAsync(
            static async (state, token) => await state.Judge._client.GetResponseAsync(state.Prompt.Messages, state.Judge.Options(), token).ConfigureAwait(false),
            (Judge: this, Prompt: prompt),
            cancellationToken).ConfigureAwait(false);
        return JudgeAnswer.Read(response, prompt.Nonce, _model);
    }

    private ChatOptions Options() => new() { ModelId = _options.ModelId, Temperature = 0, MaxOutputTokens = _options.MaxOutputTokens, ResponseFormat = ChatResponseFormat.Json };

    private static ResiliencePipeline Calls(ChatClientJudgeOptions options)
    {
        var calls = new ResiliencePipelineBuilder { TimeProvider = options.Time };
        if (options.Retries > 0)
        {
            calls.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = Pause,
                BackoffType = DelayBackoffType.Exponential,
                ShouldHandle = static failure => new(failure.Outcome.Exception is not (null or OperationCanceledException or BrokenCircuitException)),
            });
        }

        return calls.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = options.BreakAt,
            MinimumThroughput = LeastSampled,
            SamplingDuration = Sampling,
            BreakDuration = options.BreakFor,
            ShouldHandle = static failure => new(failure.Outcome.Exception is not null),   // one that was not in time, too
        }).Build();
    }
}
