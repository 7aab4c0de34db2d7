using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Aegis;
using Microsoft.Extensions.AI;

namespace ChatService;

/// <summary>One turn of a conversation. It is read after the handler has returned, and still in the request's session.</summary>
internal sealed class Chat(IChatClient client, IHistories histories)
{
    private const string Instructions = "You are the support assistant of Acme, a shop for paper clips. Look orders up, and search the knowledge base.";

    public async IAsyncEnumerable<SseItem<ChatEvent>> AnswerAsync(SessionId session, string message, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage asked = new(ChatRole.User, message);
        List<ChatResponseUpdate> answer = [];
        AegisRefusal? refusal = null;
        await foreach (var update in client.GetStreamingResponseAsync([new(ChatRole.System, Instructions), .. await histories.OfAsync(session), asked], new() { Tools = Shop.Tools }, cancellationToken))
        {
            answer.Add(update);
            refusal ??= update.AdditionalProperties?.GetValueOrDefault("aegis") as AegisRefusal;
            if (update.Text.Length > 0)
            {
                yield return new(new() { Piece = update.Text }, ChatEvent.Text);
            }
        }

        if (refusal is null)
        {
            await histories.AddAsync(session, [asked, .. answer.ToChatResponse().Messages]);
            yield return new(new(), ChatEvent.Done);
        }
        else
        {
            yield return new(new() { Rules = refusal.Rules, DecisionId = refusal.DecisionId }, ChatEvent.Refused);   // what was refused is not remembered
        }
    }
}
