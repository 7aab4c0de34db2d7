using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>A model that says what it is told to, batch or streaming, and remembers what it was asked. Safe for parallel requests.</summary>
public sealed class ScriptedChatClient : IChatClient
{
    /// <summary>What the model says once its script is over.</summary>
    public const string Done = "Done.";

    private readonly Lock _lock = new();
    private readonly List<ScriptedRequest> _requests = [];
    private readonly Func<int, ScriptedRequest, ScriptedTurn> _script;
    private int _calls;
    private int _openStreams;

    /// <summary>A model that plays one turn a request, in order, and then says <see cref="Done"/>.</summary>
    public ScriptedChatClient(params ScriptedTurn[] turns)
    {
        ScriptedTurn[] played = [.. turns];
        _script = (n, _) => n < played.Length ? played[n] : ScriptedTurn.Say(Done);
    }

    /// <summary>A model whose turn depends on the request. The function may run in parallel.</summary>
    public ScriptedChatClient(Func<IReadOnlyList<ChatMessage>, ChatOptions?, ScriptedTurn> script) =>
        _script = (_, request) => script(request.Messages, request.Options);

    /// <summary>How many UTF-16 chars of text a streamed update carries; surrogate pairs may be split.</summary>
    /// <value>4.</value>
    public int ChunkSize { get; init; } = 4;

    /// <summary>Whether answers carry a conversation id (<c>conv_1</c>, <c>conv_2</c>, …) that changes every turn, as the Responses API's does.</summary>
    /// <value>False.</value>
    public bool ServerSideConversation { get; init; }

    /// <summary>Whether every response, update, message and content carries <c>raw:</c> and its text or arguments as raw representation.</summary>
    /// <value>False.</value>
    public bool AttachRawRepresentation { get; init; }

    /// <summary>The requests so far, in the order of their turns. A stream counts from its first read.</summary>
    public IReadOnlyList<ScriptedRequest> Requests
    {
        get { lock (_lock) { return [.. _requests]; } }
    }

    /// <summary>Whether the client was disposed. A disposed client still answers.</summary>
    public bool Disposed { get; private set; }

    /// <summary>The streams that were begun and neither ended, failed nor disposed.</summary>
    public int OpenStreams => Volatile.Read(ref _openStreams);

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Play(messages, options).WholeAsync(cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _openStreams);
        try
        {
            await foreach (var update in Play(messages, options).StreamAsync(cancellationToken))
            {
                yield return update;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _openStreams);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("scripted")
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose() => Disposed = true;

    private Playback Play(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var request = new ScriptedRequest([.. messages], options);
        int turns;
        lock (_lock)
        {
            turns = _requests.Count;
            _requests.Add(request);
        }

        var turn = _script(turns, request);
        return new(turn with { Calls = [.. turn.Calls.Select(Fresh)] }, (turns + 1).ToString(CultureInfo.InvariantCulture))
        {
            ConversationId = ServerSideConversation ? $"conv_{turns + 1}" : null,
            ChunkSize = ChunkSize,
            AttachRaw = AttachRawRepresentation,
        };
    }

    // A copy: function invocation marks the instance it handled, and a turn may be played again.
    private FunctionCallContent Fresh(FunctionCallContent call) =>
        new(call.CallId is "" ? $"call_{Interlocked.Increment(ref _calls)}" : call.CallId, call.Name, call.Arguments?.ToDictionary(StringComparer.Ordinal))
        {
            Exception = call.Exception,
            InformationalOnly = call.InformationalOnly,
            Annotations = call.Annotations,
            AdditionalProperties = call.AdditionalProperties,
            RawRepresentation = call.RawRepresentation,
        };
}
