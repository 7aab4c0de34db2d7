using System.Runtime.InteropServices;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Questions that leave as approval contents and answers that come back. An answer counts for exactly what was asked, in the session and by the policy that asked, in time, once; every other one is dropped.</summary>
internal sealed class ApprovalDesk(AegisGuard guard)
{
    private const int PerSession = 64;
    private const int PerInstance = 4_096;

    public const string Rejected = "The user declined this call. Do not repeat it.";

    /// <summary>Binds the questions of a step that are about to leave, all or none; false: there are too many open ones, or one cannot be bound.</summary>
    public async ValueTask<bool> AskAsync(AegisRun run, IReadOnlyCollection<ToolApprovalRequestContent> questions, CancellationToken cancellationToken)
    {
        var pipeline = guard.Pipeline;
        var now = guard.Now;
        var expires = now + guard.Services.ApprovalTimeout;
        var pending = new List<PendingApproval>(questions.Count);
        foreach (var question in questions)
        {
            if (PartsOf(question.ToolCall).Arguments.Refusal is not null)
            {
                return false;   // what cannot be read cannot be bound
            }

            var policy = pipeline.Policy.Version.Hash;
            pending.Add(new(question.RequestId, [.. BindingOf(question.ToolCall, question.RequestId, run, policy, expires)], policy, expires));
        }

        try
        {
            return await pipeline.UpdateAsync(
                DeskOf(run),
                static (state, asked) => Ledger.Ask(state, CollectionsMarshal.AsSpan(asked.pending), asked.now, asked.capacity),
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
        var newest = NewMessages.In(turn.Messages);
        var questions = turn.Messages.SelectMany(static message => message.Contents).OfType<ToolApprovalRequestContent>().ToLookup(static question => question.RequestId, StringComparer.Ordinal);
        var counted = new HashSet<string>(StringComparer.Ordinal);
        var edited = new Dictionary<string, FunctionCallContent>(StringComparer.Ordinal);
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

                var counts = done.Contains(answer.ToolCall.CallId) ? CountedAnswer.No : await CountsAsync(turn.Run, answer, questions[answer.RequestId], i >= newest, cancellationToken);
                if (counts == CountedAnswer.No)
                {
                    continue;
                }

                if (counts == CountedAnswer.Edited)
                {
                    edited[answer.RequestId] = (FunctionCallContent)answer.ToolCall;
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
            if (messages[i].Contents.Any(content => IsUnanswered(content) || IsEdited(content)))
            {
                messages[i] = Copies.Of(messages[i], [.. messages[i].Contents.Where(content => !IsUnanswered(content)).Select(Edited)], guard.Policy.KeepRaw);
            }
        }

        turn.Messages = [.. messages.Where(static message => message.Contents.Count > 0)];
        turn.Approved = approved.Count > 0 ? new(new ChatMessage(ChatRole.Assistant, approved)) { FinishReason = ChatFinishReason.ToolCalls, ConversationId = turn.Options.ConversationId } : null;

        bool IsUnanswered(AIContent content) => content is ToolApprovalRequestContent question && !counted.Contains(question.RequestId);

        bool IsEdited(AIContent content) => content is ToolApprovalRequestContent question && edited.ContainsKey(question.RequestId);

        // Whoever reads the question below reads what the person made of it: the transcript shows the call that runs.
        AIContent Edited(AIContent content) => content is ToolApprovalRequestContent question && edited.TryGetValue(question.RequestId, out var call) ? new ToolApprovalRequestContent(question.RequestId, call) : content;
    }

    public static string KeyOf(FunctionCallContent call) => KeyOf(call.Name, ArgumentsOf(call));

    /// <summary>Identity of a call for questions and grants.</summary>
    public static string KeyOf(string tool, ToolArguments arguments) => Convert.ToHexString(arguments.Hash(tool));

    private async ValueTask<CountedAnswer> CountsAsync(AegisRun run, ToolApprovalResponseContent answer, IEnumerable<ToolApprovalRequestContent> resent, bool isNew, CancellationToken cancellationToken)
    {
        var pipeline = guard.Pipeline;
        PendingApproval? asked;
        try
        {
            asked = await pipeline.UpdateAsync(DeskOf(run), static (state, requestId) => Ledger.Answer(state, requestId), answer.RequestId, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            asked = null;
        }

        var isEdited = false;
        var refusal = asked is null ? Finding.Block("approval/unknown", "no such question is open in this session: it was answered before, or never asked")
            : asked.Expires <= guard.Now ? Finding.Block("approval/expired")
            : !string.Equals(asked.Policy, pipeline.Policy.Version.Hash, StringComparison.Ordinal) ? Finding.Block("approval/policy-changed", "the policy was reloaded after a person was asked")
            : !resent.All(question => Is(question.ToolCall)) ? Finding.Block("approval/changed")   // providers and loops may read the call from either
            : Is(answer.ToolCall) || (isEdited = IsEdit()) ? null
            : Finding.Block("approval/changed");
        if (refusal is not null)
        {
            if (!isNew)
            {
                return CountedAnswer.No;   // an answer of an earlier turn, sent again with the history
            }

            var (tool, arguments) = PartsOf(answer.ToolCall);
            var recorded = await pipeline.RecordAsync(new ToolCall(tool, arguments), run, refusal, cancellationToken);
            return recorded.MayProceed ? CountedAnswer.Yes : CountedAnswer.No;
        }

        if (answer.Approved && Hosted.CallOf(answer.ToolCall) is { } hosted)
        {
            // The provider runs it as soon as it hears the answer: this is the place to judge and to charge it.
            if (!(await pipeline.InspectAsync(hosted with { Approved = true }, run, cancellationToken)).MayProceed)
            {
                return CountedAnswer.No;
            }

            run.Grant(HostedKey(answer.ToolCall), pipeline.Policy.Version);
        }

        if (answer is { Approved: true, ToolCall: FunctionCallContent call })
        {
            run.Grant(KeyOf(call.Name, ArgumentsOf(call)), pipeline.Policy.Version);
        }

        return isEdited ? CountedAnswer.Edited : CountedAnswer.Yes;

        bool Is(ToolCallContent call) => asked!.IsAbout(BindingOf(call, asked.RequestId, run, asked.Policy, asked.Expires));

        // The same call with other arguments, where the app lets people change them. Without the question nobody can tell which call was asked about.
        bool IsEdit() => guard.Services.EditsApprovalContent && answer is { Approved: true, ToolCall: FunctionCallContent edit } && ArgumentsOf(edit).Refusal is null
            && resent.FirstOrDefault()?.ToolCall is FunctionCallContent original && string.Equals(original.CallId, edit.CallId, StringComparison.Ordinal) && string.Equals(original.Name, edit.Name, StringComparison.Ordinal);
    }

    /// <summary>A hosted call that was judged when it was approved.</summary>
    public static string HostedKey(ToolCallContent call)
    {
        var (tool, arguments) = PartsOf(call);
        return $"hosted/{call.CallId}/{KeyOf(tool, arguments)}";
    }

    private SessionId DeskOf(AegisRun run) => run.IsAnonymous ? guard.InstanceSession : run.Session;

    private byte[] BindingOf(ToolCallContent call, string requestId, AegisRun run, string policy, DateTimeOffset expires)
    {
        var (tool, arguments) = PartsOf(call);
        return ApprovalBinding.Of(requestId, DeskOf(run), policy, expires, call.CallId, arguments.Hash(tool));
    }

    private static (string Tool, ToolArguments Arguments) PartsOf(ToolCallContent call) => call switch
    {
        FunctionCallContent function => (function.Name, ArgumentsOf(function)),
        _ when Hosted.CallOf(call) is { } hosted => (hosted.Tool, hosted.Arguments),
        _ => (call.GetType().Name, ToolArguments.Empty),
    };

    private static ToolArguments ArgumentsOf(FunctionCallContent call) => call.Exception is null ? ToolArguments.From(call.Arguments) : ToolArguments.Unparsable;
}
