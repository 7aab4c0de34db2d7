using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Aegis.Benchmarks;

/// <summary>Streams an answer in pieces, and remembers when the first of them left.</summary>
internal sealed class PiecesChatClient : IChatClient
{
    public string[] Pieces { get; set; } = [];

    /// <summary>A time stamp.</summary>
    public long Began { get; private set; }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        Began = Stopwatch.GetTimestamp();
        foreach (var piece in Pieces)
        {
            yield return new(ChatRole.Assistant, piece);
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
