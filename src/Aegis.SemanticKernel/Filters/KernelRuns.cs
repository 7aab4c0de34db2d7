using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>Which run a function of a kernel belongs to, where no layer around the service says so: the one of the call, the surrounding one, the one of the user's turn.</summary>
internal static class KernelRuns
{
    private static readonly ConditionalWeakTable<object, ConditionalWeakTable<AegisGuard, AegisRun>> ByTurn = [];

    public static AegisRun Of(AegisGuard guard, AutoFunctionInvocationContext context, AI.FunctionCallContent call)
    {
        if (CallRecord.Find(call) is { } record && ReferenceEquals(record.Run.Guard, guard))
        {
            return record.Run;
        }

        var ambient = AegisAmbient.Current;
        if (ambient is { Run: not null, InTool: false } || ambient.Scope is { RunKey: not null })
        {
            return RunLookup.Find(guard, [], null).Run;
        }

        var runs = ByTurn.GetValue(TurnOf(context, call), static _ => []);
        if (runs.TryGetValue(guard, out var known) && BelongsTo(known, ambient))
        {
            return known;
        }

        var run = RunLookup.Find(guard, [], null).Run;
        runs.AddOrUpdate(guard, run);
        return run;
    }

    /// <summary>The run of a function that no model has called.</summary>
    public static AegisRun OfHost(AegisGuard guard)
    {
        var ambient = AegisAmbient.Current;
        return ambient is { Run: null, Scope: { RunKey: null, Session: var session } } ? guard.DirectRun(session) : RunLookup.Find(guard, [], null).Run;
    }

    /// <summary>Whose conversation it is, as far as the host says.</summary>
    public static SessionId Session(AegisGuard guard) =>
        AegisAmbient.Current.Scope?.Session ?? (AegisAmbient.Current.Run is { } run ? ReleasedCalls.SessionOf(run.For(guard)) : guard.InstanceSession);

    /// <summary>A turn is known by the user's last message; a loop without one by its messages.</summary>
    private static object TurnOf(AutoFunctionInvocationContext context, AI.FunctionCallContent call) =>
        context.Messages.Any(message => message.Contents.Contains(call))
            ? context.Messages.LastOrDefault(static message => message.Role == AI.ChatRole.User) ?? (object)context.Messages
            : context.ChatHistory.LastOrDefault(static message => message.Role == AuthorRole.User) ?? (object)context.ChatHistory;

    private static bool BelongsTo(AegisRun run, AegisAmbient ambient) =>
        ReferenceEquals(run.Parent, ambient.InTool ? ambient.Run : null) && (ambient.Scope is { } scope ? run.Session == scope.Session : run.IsAnonymous || run.Parent is not null);
}
