using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests.Streaming;

/// <summary>A model behind a server: it says something, four characters a time, and then either falls silent or talks on until its server sees that nobody listens any more.</summary>
internal sealed class EndlessChatClient(string beginning, bool fallsSilent) : IChatClient
{
    public const string Talk = "sun ";

    private readonly Channel<long> _closed = Channel.CreateUnbounded<long>();

    /// <summary>When the server saw that a connection was closed, as a time stamp; one for each stream.</summary>
    public ValueTask<long> ClosedAsync(CancellationToken cancellationToken) => _closed.Reader.ReadAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var closed = cancellationToken.Register(() =>
        {
            _closed.Writer.TryWrite(Stopwatch.GetTimestamp());
            gone.SetResult();
        });
        foreach (var piece in beginning.Chunk(4))
        {
            yield return new(ChatRole.Assistant, new string(piece));
        }

        if (fallsSilent)
        {
            await gone.Task;
        }

        while (true)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new(ChatRole.Assistant, Talk);
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
