using System.Runtime.CompilerServices;
using Aegis.ExtensionsAI;
using Aegis.Tools;
using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>
/// Calls that left for a loop of the app's own, judged and charged. An app that streams puts them together anew, so that they are known by session,
/// name and arguments, each for one execution. Bounded. Thread-safe.
/// </summary>
internal sealed class ReleasedCalls
{
    private const int Capacity = 4_096;
    private const int PerKey = 64;

    private static readonly ConditionalWeakTable<AegisGuard, ReleasedCalls> ByGuard = [];

    private readonly Lock _lock = new();
    private readonly ConditionalWeakTable<AI.FunctionCallContent, object> _taken = [];   // two that run at once do not take the same one
    private readonly Generations<(SessionId Session, string Call), List<AI.FunctionCallContent>> _waiting = new(Capacity);

    public static ReleasedCalls Of(AegisGuard guard) => ByGuard.GetValue(guard, static _ => new());

    public void Add(AegisRun run, IEnumerable<AI.FunctionCallContent> calls)
    {
        lock (_lock)
        {
            foreach (var call in calls)
            {
                if (KeyOf(call.Name, CallLink.Of(call).Sent) is not { } made || (run.IsAnonymous && IsPersonsWord(call)))
                {
                    continue;   // a yes of nobody in particular is not for anybody who calls the same
                }

                var key = (SessionOf(run), made);
                if (!_waiting.TryGet(key, out var waiting))
                {
                    _waiting.Set(key, waiting = []);
                }

                if (waiting.Count < PerKey)
                {
                    waiting.Add(call);
                }
            }
        }
    }

    /// <summary>The call that a content of a history is, which the app has put together from what left.</summary>
    public AI.FunctionCallContent? Find(SessionId session, FunctionCallContent content, string tool) =>
        First(session, KeyOf(tool, content.Arguments), call => string.Equals(call.CallId, content.Id, StringComparison.Ordinal));

    /// <summary>A call like this that has not run, for its one execution: nobody else gets it.</summary>
    public AI.FunctionCallContent? Take(SessionId session, string tool, KernelArguments arguments) =>
        First(session, KeyOf(tool, arguments), call => CallRecord.Find(call) is { IsExecuted: false, IsDenied: false } && _taken.TryAdd(call, call));

    private static bool IsPersonsWord(AI.FunctionCallContent call) => CallRecord.Find(call) is not { Inspection.Verdict.Findings: var findings } || findings.Any(static finding => finding.Decision == Decision.Ask);

    /// <summary>Runs without an identity share one place.</summary>
    public static SessionId SessionOf(AegisRun run) => run.IsAnonymous ? run.Guard.InstanceSession : run.Session;

    /// <summary>A call by what its function reads: an app that puts it together has text where the model wrote JSON.</summary>
    private static string? KeyOf(string tool, KernelArguments? arguments) =>
        ToolArguments.From(ArgumentReader.Text(arguments)) is { Refusal: null } read ? ApprovalDesk.KeyOf(tool, read) : null;

    private AI.FunctionCallContent? First(SessionId session, string? key, Predicate<AI.FunctionCallContent> fits)
    {
        lock (_lock)
        {
            return key is not null && _waiting.TryGet((session, key), out var waiting) ? waiting.Find(fits) : null;
        }
    }
}
