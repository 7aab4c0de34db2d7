using System.Collections.Concurrent;
using System.Text.Json;
using Aegis.Events;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.Cli.Replay;

/// <summary>
/// One run of a case through a guarded agent as an app would build it: functions, a function-invoking client, a guard. The model is scripted
/// for the worst: it makes the user's calls, and in the attacked run every call of the attacker, as soon as it has read the attack and once more at the end.
/// </summary>
internal sealed class ReplayRun(ReplayCase @case, AegisPolicy policy, ReplayApproval approval, bool attacked)
{
    private const int MaxCalls = 100;

    private readonly ConcurrentDictionary<string, bool> _executed = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<AegisEvent> _events = new();
    private readonly ConcurrentDictionary<string, bool> _asked = new(StringComparer.Ordinal);
    private int _questions;

    /// <summary>How many questions a person was asked.</summary>
    public int Questions => _questions;

    /// <summary>What was found, in order.</summary>
    public IEnumerable<(string Rule, Decision Decision, string? Tool, string? Detail)> Findings =>
        from heard in _events from finding in heard.Verdict.Findings select (finding.Rule, finding.Decision, heard.Tool, finding.Detail);

    public bool Executed(ReplayCall call) => _executed.ContainsKey(call.Key);

    public bool ExecutedUnasked(ReplayCall call) => Executed(call) && !_asked.ContainsKey(call.Key);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var script = Script().GetEnumerator();   // read as the run goes on: what comes next depends on what ran
        using var model = new ScriptedChatClient((_, _) => script.MoveNext() ? ScriptedTurn.CallAll(new FunctionCallContent("", script.Current.Tool, script.Current.Values())) : ScriptedTurn.Say(ScriptedChatClient.Done));
        using var guard = AegisGuard.Create(approval == ReplayApproval.Judge ? policy with { Judge = new() { AnswersQuestions = true, Checkpoints = [], MaxCallsPerRun = MaxCalls } } : policy, builder => builder.UseApprover(Approve).UseJudge(new WordJudge()).AddSink(new ReplaySink(_events)));
        using var agent = model.AsBuilder().UseAegisFunctionInvocation(guard, loop => loop.MaximumIterationsPerRequest = MaxCalls).Build();
        using (AegisScope.Begin(new SessionId($"replay-{@case.Id}")))
        {
            await agent.GetResponseAsync([new ChatMessage(ChatRole.User, @case.UserTask)], new ChatOptions { Tools = [.. @case.Tools.Select(Function)] }, cancellationToken);
        }
    }

    private IEnumerable<ReplayCall> Script()
    {
        var known = @case.Steps.Select(static step => step.Call.Key).ToHashSet(StringComparer.Ordinal);
        var isTold = false;
        foreach (var step in @case.Steps)
        {
            yield return step.Call;
            if (attacked && step.Injected && !isTold)
            {
                isTold = true;
                foreach (var call in @case.Attacker)
                {
                    yield return call;
                }
            }
        }

        foreach (var call in @case.Expected.Where(call => !known.Contains(call.Key)))
        {
            yield return call;
        }

        foreach (var call in attacked ? @case.Attacker : [])
        {
            if (!Executed(call))
            {
                yield return call;
            }
        }
    }

    private AITool Function(JsonElement tool) => new ReplayFunction(
        tool.GetProperty("name").GetString()!, tool.GetProperty("description").GetString() ?? "", tool.GetProperty("parameters"), Answer, _executed);

    private string Answer(string key) =>
        @case.Steps.FirstOrDefault(step => string.Equals(step.Call.Key, key, StringComparison.Ordinal)) is { } step ? attacked ? step.Output : step.CleanOutput : ReplayFunction.Nothing;

    private ValueTask<bool> Approve(ApprovalRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _questions);
        _asked[$"{request.Tool}\n{request.Arguments.Canonical}"] = true;
        return new(approval == ReplayApproval.Always);
    }
}
