using System.Security.Cryptography;
using System.Text;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Questions that leave as approval contents and answers that come back. An answer counts for exactly what was asked, in the session that asked, in time, once; every other one is dropped.</summary>
internal sealed class ApprovalDesk(AegisGuard guard)
{
    private const int PerSession = 64;
    private const int PerInstance = 4_096;

    public const string Rejected = "The user declined this call. Do not repeat it.";

    /// <summary>Binds a question that is about to leave; false: there are too many open ones.</summary>
    public async ValueTask<bool> AskAsync(AegisRun run, string requestId, ToolCallContent call, CancellationToken cancellationToken)
    {
        if (PartsOf(call).Arguments.Refusal is not null)
        {
            return false;   // what cannot be read cannot be bound
        }

        var now = guard.Now;
        var pending = new PendingApproval(requestId, [.. HashOf(call)], now + guard.Services.ApprovalTimeout);
        try
        {
            return await guard.Pipeline.UpdateAsync(
                DeskOf(run),
                static (state, asked) => Ledger.Ask(state, asked.pending, asked.now, asked.capacity),
                (pending, now, capacity: run.IsAnonymous ? PerInstance : PerSession),
                cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Takes the answers of a request: keeps those that count for the loop below, or without one turns them into the calls and refusals that they stand for.</summary>
    public async ValueTask SettleAsync(Turn turn, bool hasLoop, CancellationToken cancellationToken)
    {
        if (!turn.Messages.Exists(static message => message.Contents.Any(static content => content is ToolApprovalResponseContent or ToolApprovalRequestContent)))
        {
            return;
        }

        var done = turn.Messages.SelectMany(static message => message.Contents).OfType<ToolResultContent>().Select(static result => result.CallId).ToHashSet(StringComparer.Ordinal);
        var newest = turn.Messages.FindLastIndex(static message => message.Role == ChatRole.Assistant) + 1;
        var questions = turn.Messages.SelectMany(static message => message.Contents).OfType<ToolApprovalRequestContent>().ToLookup(static question => question.RequestId, StringComparer.Ordinal);
        var counted = new HashSet<string>(StringComparer.Ordinal);
        var approved = new List<AIContent>();
        var messages = new List<ChatMessage>(turn.Messages.Count);
        for (var i = 0; i < turn.Messages.Count; i++)
        {
            var kept = new List<AIContent>();
            var declined = new List<FunctionCallContent>();
            foreach (var content in turn.Messages[i].Contents)
            {
                if (content is not ToolApprovalResponseContent answer)
                {
                    kept.Add(content);
                    continue;
                }

                if (turn.IsSettledAbove(answer))
                {
                    counted.Add(answer.RequestId);
                    kept.Add(content);
                    continue;
                }

                if (done.Contains(answer.ToolCall.CallId) || !await CountsAsync(turn.Run, answer, questions[answer.RequestId], i >= newest, cancellationToken))
                {
                    continue;
                }

                if (hasLoop || answer.ToolCall is not FunctionCallContent call)
                {
                    counted.Add(answer.RequestId);
                    kept.Add(content);
                }
                else if (answer.Approved)
                {
                    approved.Add(call);
                }
                else
                {
                    declined.Add(call);
                }
            }

            messages.Add(kept.Count == turn.Messages[i].Contents.Count ? turn.Messages[i] : Copies.Of(turn.Messages[i], kept, guard.Policy.KeepRaw));
            if (declined.Count > 0)
            {
                messages.Add(new(ChatRole.Assistant, [.. declined]));
                messages.Add(new(ChatRole.Tool, [.. declined.Select(static call => new FunctionResultContent(call.CallId, Rejected))]));
            }
        }

        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Contents.Any(IsUnanswered))
            {
                messages[i] = Copies.Of(messages[i], [.. messages[i].Contents.Where(content => !IsUnanswered(content))], guard.Policy.KeepRaw);
            }
        }

        turn.Messages = [.. messages.Where(static message => message.Contents.Count > 0)];
        turn.Approved = approved.Count > 0 ? new(new ChatMessage(ChatRole.Assistant, approved)) { FinishReason = ChatFinishReason.ToolCalls, ConversationId = turn.Options.ConversationId } : null;

        bool IsUnanswered(AIContent content) => content is ToolApprovalRequestContent question && !counted.Contains(question.RequestId);
    }

    public static string KeyOf(FunctionCallContent call) => KeyOf(call.Name, ArgumentsOf(call));

    /// <summary>Identity of a call for questions and grants.</summary>
    public static string KeyOf(string tool, ToolArguments arguments) => Convert.ToHexString(arguments.Hash(tool));

    private async ValueTask<bool> CountsAsync(AegisRun run, ToolApprovalResponseContent answer, IEnumerable<ToolApprovalRequestContent> resent, bool isNew, CancellationToken cancellationToken)
    {
        PendingApproval? asked;
        try
        {
            asked = await guard.Pipeline.UpdateAsync(
                DeskOf(run), static (state, given) => Ledger.Answer(state, given.RequestId, given.Now), (answer.RequestId, guard.Now), cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            asked = null;
        }

        var matches = asked is not null && Is(answer.ToolCall) && resent.All(question => Is(question.ToolCall));   // providers and loops may read the call from either
        if (!matches)
        {
            if (!isNew)
            {
                return false;   // an answer of an earlier turn, sent again with the history
            }

            var (tool, arguments) = PartsOf(answer.ToolCall);
            var recorded = await guard.Pipeline.RecordAsync(new ToolCall(tool, arguments), run, Finding.Block(asked is null ? "approval/unknown" : "approval/changed"), cancellationToken);
            return recorded.MayProceed;
        }

        if (answer.Approved && Hosted.CallOf(answer.ToolCall) is { } hosted)
        {
            // The provider runs it as soon as it hears the answer: this is the place to judge and to charge it.
            if (!(await guard.Pipeline.InspectAsync(hosted with { Approved = true }, run, cancellationToken)).MayProceed)
            {
                return false;
            }

            run.Grant(HostedKey(answer.ToolCall));
        }

        if (answer is { Approved: true, ToolCall: FunctionCallContent call })
        {
            run.Grant(KeyOf(call.Name, ArgumentsOf(call)));
        }

        return true;

        bool Is(ToolCallContent call) => CryptographicOperations.FixedTimeEquals(asked.CallHash.AsSpan(), HashOf(call));
    }

    /// <summary>A hosted call that was judged when it was approved.</summary>
    public static string HostedKey(ToolCallContent call)
    {
        var (tool, arguments) = PartsOf(call);
        return $"hosted/{call.CallId}/{KeyOf(tool, arguments)}";
    }

    private SessionId DeskOf(AegisRun run) => run.IsAnonymous ? guard.InstanceSession : run.Session;

    private static byte[] HashOf(ToolCallContent call)
    {
        var (tool, arguments) = PartsOf(call);
        return SHA256.HashData([.. arguments.Hash(tool), .. Encoding.UTF8.GetBytes(call.CallId)]);
    }

    private static (string Tool, ToolArguments Arguments) PartsOf(ToolCallContent call) => call switch
    {
        FunctionCallContent function => (function.Name, ArgumentsOf(function)),
        _ when Hosted.CallOf(call) is { } hosted => (hosted.Tool, hosted.Arguments),
        _ => (call.GetType().Name, ToolArguments.Empty),
    };

    private static ToolArguments ArgumentsOf(FunctionCallContent call) => call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable;
}
