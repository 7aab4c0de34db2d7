using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>One turn being played, whole or as a stream. Ids are the same throughout.</summary>
internal sealed record Playback(ScriptedTurn Turn, string Id)
{
    public string? ConversationId { get; init; }

    public int ChunkSize { get; init; } = 4;

    public bool AttachRaw { get; init; }

    private ChatFinishReason FinishReason =>
        Turn.FinishReason ?? (Turn.Calls.Count > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop);

    public async Task<ChatResponse> WholeAsync(CancellationToken cancellationToken)
    {
        await EndAsync(cancellationToken);
        AIContent[] contents = [.. Parts(int.MaxValue).SelectMany(part => part)];
        return new(new ChatMessage(ChatRole.Assistant, contents) { MessageId = $"msg_{Id}", RawRepresentation = Raw(contents) })
        {
            ResponseId = $"resp_{Id}",
            ConversationId = ConversationId,
            FinishReason = FinishReason,
            Usage = Turn.Usage,
            RawRepresentation = Raw(contents),
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ChatRole? role = ChatRole.Assistant;
        foreach (var part in Parts(ChunkSize))
        {
            await Task.Yield(); // as over a network, the reader goes on in another turn of the scheduler
            cancellationToken.ThrowIfCancellationRequested();
            yield return Update(role, part);
            role = null;
        }

        await EndAsync(cancellationToken);
        var end = Update(role, []);
        end.FinishReason = FinishReason;
        yield return end;
        if (Turn.Usage is { } usage)
        {
            yield return Update(null, [new UsageContent(usage)]);
        }
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Turn.Hangs)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        if (Turn.Throws is { } exception)
        {
            throw exception;
        }
    }

    private IEnumerable<AIContent[]> Parts(int size)
    {
        IEnumerable<AIContent[]> parts =
        [
            .. Cut(Turn.Reasoning, size).Select(piece => new AIContent[] { new TextReasoningContent(piece) }),
            .. Cut(Turn.Text, size).Select(piece => new AIContent[] { new TextContent(piece) }),
            .. Turn.Extra.Select(content => new[] { content }),
            [.. Turn.Calls],
        ];
        return parts.Where(part => part.Length > 0);
    }

    private static IEnumerable<string> Cut(string? text, int size) =>
        (text ?? "").Chunk(size).Select(piece => new string(piece));

    private ChatResponseUpdate Update(ChatRole? role, AIContent[] contents) => new(role, contents)
    {
        MessageId = $"msg_{Id}",
        ResponseId = $"resp_{Id}",
        ConversationId = ConversationId,
        RawRepresentation = Raw(contents),
    };

    private string? Raw(AIContent[] contents)
    {
        if (!AttachRaw)
        {
            return null;
        }

        foreach (var content in contents)
        {
            content.RawRepresentation ??= "raw:" + Readable(content);
        }

        return "raw:" + string.Concat(contents.Select(Readable));
    }

    private static string? Readable(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent reasoning => reasoning.Text,
        FunctionCallContent call => CallArguments.ToJson(call),
        _ => content.ToString(),
    };
}
