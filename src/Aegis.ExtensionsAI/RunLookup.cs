using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Which run a request belongs to: the surrounding one; the one that the host began; the one that made a call of the messages; else a new one, with the steps that the messages show.</summary>
internal static class RunLookup
{
    public static (AegisRun Run, bool IsNew) Find(AegisGuard guard, List<ChatMessage> messages, ChatOptions? options)
    {
        var ambient = AegisAmbient.Current;
        if (ambient is { Run: { } outer, Scope: { } begun } && begun.Session != outer.Session)
        {
            return (new(guard, begun.Session, outer, startedByMessages: true), true);   // the host has named somebody else since
        }

        if (ambient.Run is { } around)
        {
            return ambient.InTool ? (new(guard, around.Session, around, startedByMessages: false), true) : (around.For(guard), false);
        }

        var session = SessionOf(guard, ambient.Scope, options);
        if (ambient.Scope is { RunKey: { } key, Session: var hostSession })
        {
            return (GuardMemory.HostRun(key, guard, hostSession), false);
        }

        var turn = messages.FindLastIndex(static message => message.Role == ChatRole.User) + 1;
        var steps = 0;
        for (var i = messages.Count - 1; i >= turn; i--)
        {
            var calls = false;
            foreach (var content in messages[i].Contents)
            {
                calls |= content is FunctionCallContent && messages[i].Role == ChatRole.Assistant;
                if (RecordOf(guard, content, options) is { } record && ReferenceEquals(record.Run.Guard, guard) && Continues(record.Run, session))
                {
                    return (record.Run, false);
                }
            }

            steps += calls ? 1 : 0;
        }

        if (session is null && !guard.Policy.Session.Required)
        {
            guard.WarnOfAnonymity();
        }

        return (new(guard, session, parent: null, startedByMessages: true, steps), true);
    }

    /// <summary>A run goes on in its own session. One that began without any goes on under the conversation id that the provider gave it, but never inside a scope of the host.</summary>
    private static bool Continues(AegisRun run, SessionId? session) =>
        session is null ? run.IsAnonymous : run.Session == session || (run.IsAnonymous && session.Value.Origin == SessionOrigin.Conversation);

    /// <summary>What is known of the call that a content is, or answers.</summary>
    public static CallRecord? RecordOf(AegisGuard guard, AIContent content, ChatOptions? options) => content switch
    {
        FunctionCallContent call => CallRecord.Find(call),
        FunctionResultContent result when options?.ConversationId is { } conversation && GuardMemory.Of(guard).Calls.TryGet((conversation, result.CallId), out var record) => record,
        _ => null,
    };

    private static SessionId? SessionOf(AegisGuard guard, AegisScope? scope, ChatOptions? options)
    {
        if (scope is not null)
        {
            return scope.Session;
        }

        return options?.ConversationId is not { Length: > 0 } conversation ? null
            : guard.Conversations.TryGet(conversation, out var known) ? known
            : SessionId.IsName(conversation) ? SessionId.Conversation(conversation)
            : null;
    }
}
