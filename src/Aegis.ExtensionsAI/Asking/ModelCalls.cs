using Microsoft.Extensions.AI;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Aegis.ExtensionsAI;

/// <summary>Calls of a client that helps a guard: without tools, made again when they fail on their way, and not made for a while where many fail. Thread-safe if the client is.</summary>
internal sealed class ModelCalls
{
    private const int LeastSampled = 10;
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IChatClient _client;
    private readonly ChatClientCallOptions _options;
    private readonly ResiliencePipeline _calls;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ModelCalls(IChatClient client, ChatClientCallOptions options)
    {
        _client = client ?? throw new ArgumentNullException(nameof(client));
        _options = options;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxOutputTokens, 50, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Retries, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Retries, 5, nameof(options));
        if (options is not { BreakAt: > 0 and <= 1, BreakFor.TotalSeconds: >= 0.5 and <= 86_400 })
        {
            throw new ArgumentOutOfRangeException(nameof(options), "BreakAt is above 0 and at most 1, BreakFor half a second to a day.");
        }

        Model = options.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId;
        _calls = Calls(options);
    }

    /// <summary>The model, as far as it is known.</summary>
    public string? Model { get; }

    public ValueTask<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages, ChatResponseFormat format, CancellationToken cancellationToken) =>
        _calls.ExecuteAsync(
            static async (state, token) => await state.Calls._client.GetResponseAsync(state.Messages, state.Calls.Options(state.Format), token).ConfigureAwait(false),
            (Calls: this, Messages: messages, Format: format),
            cancellationToken);

    private ChatOptions Options(ChatResponseFormat format) => new() { ModelId = _options.ModelId, Temperature = 0, MaxOutputTokens = _options.MaxOutputTokens, ResponseFormat = format };

    private static ResiliencePipeline Calls(ChatClientCallOptions options)
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
