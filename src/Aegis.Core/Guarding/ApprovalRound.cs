using Aegis.Policies;

namespace Aegis.Guarding;

/// <summary>One question to people, for all calls of a step that need a yes.</summary>
internal static class ApprovalRound
{
    /// <summary>An answer to each call, or why there is none to any.</summary>
    public static async ValueTask<(IReadOnlyList<ApprovalAnswer> Answers, Finding? Failed)> AskAsync(
        GuardServices services, CompiledPolicy policy, AegisRun run, IReadOnlyList<(ToolCall Call, Verdict Verdict, DecisionId Id)> calls, CancellationToken cancellationToken)
    {
        try
        {
            var requests = new ApprovalRequest[calls.Count];
            var expires = services.Now + services.ApprovalTimeout;
            for (var i = 0; i < requests.Length; i++)
            {
                var (call, verdict, id) = calls[i];
                requests[i] = new(call.Tool, call.Arguments, run.Session, verdict, id) { Expires = expires, PolicyHash = policy.Version.Hash, IsEditable = call.Editable };
            }

            using (AegisAmbient.Inspecting())
            {
                var slow = services.Approver!.ApproveAllAsync(requests, cancellationToken).AsTask();
                Abandoned.Observe(slow);
                ApprovalAnswer[] answers = [.. await slow.WaitAsync(services.ApprovalTimeout, services.Time, cancellationToken) ?? []];   // nobody changes his mind
                return answers.Length != calls.Count ? ([], Finding.Failed("approval/failed", FormattableString.Invariant($"{answers.Length} answers to {calls.Count} questions")))
                    : run.Guard.Pipeline.Policy.Version.Hash != policy.Version.Hash ? ([], Finding.Block("approval/policy-changed", "the policy was reloaded while a person was asked"))
                    : (answers, null);
            }
        }
        catch (TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ([], Finding.Block("approval/timeout"));
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ([], Finding.Failed("approval/failed", e.GetType().Name));
        }
    }
}
