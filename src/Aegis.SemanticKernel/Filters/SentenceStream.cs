using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Aegis.SemanticKernel;

/// <summary>One sentence as a stream, of whichever items the caller has asked for: before a function runs, nobody can tell.</summary>
internal sealed class SentenceStream(string text) : IAsyncEnumerable<StreamingChatMessageContent>, IAsyncEnumerable<string>, IAsyncEnumerable<StreamingTextContent>, IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerable<byte[]>
{
    IAsyncEnumerator<StreamingChatMessageContent> IAsyncEnumerable<StreamingChatMessageContent>.GetAsyncEnumerator(CancellationToken cancellationToken) => Say(new StreamingChatMessageContent(AuthorRole.Assistant, text));

    IAsyncEnumerator<string> IAsyncEnumerable<string>.GetAsyncEnumerator(CancellationToken cancellationToken) => Say(text);

    IAsyncEnumerator<StreamingTextContent> IAsyncEnumerable<StreamingTextContent>.GetAsyncEnumerator(CancellationToken cancellationToken) => Say(new StreamingTextContent(text));

    IAsyncEnumerator<ChatResponseUpdate> IAsyncEnumerable<ChatResponseUpdate>.GetAsyncEnumerator(CancellationToken cancellationToken) => Say(new ChatResponseUpdate(ChatRole.Assistant, text));

    IAsyncEnumerator<byte[]> IAsyncEnumerable<byte[]>.GetAsyncEnumerator(CancellationToken cancellationToken) => Say(System.Text.Encoding.UTF8.GetBytes(text));

    private static async IAsyncEnumerator<T> Say<T>(T item)
    {
        await ValueTask.CompletedTask;
        yield return item;
    }
}
