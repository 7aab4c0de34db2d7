namespace Aegis.Policies.Analysis;

/// <summary>Finds settings of <c>recovery</c> that do nothing, or not for everybody.</summary>
internal static class RecoveryNotes
{
    private static readonly string[] OfLocks = ["$.recovery.after", "$.recovery.window", "$.recovery.duration", "$.recovery.scope"];

    /// <summary>What is to be said of a policy's recovery.</summary>
    public static IEnumerable<PolicyNote> Of(AegisPolicy policy)
    {
        var recovery = policy.Recovery;
        if (!recovery.Locks)
        {
            foreach (var path in OfLocks.Where(policy.Places.ContainsKey))
            {
                yield return new(PolicyAnalyzer.Idle, path, "is about no lock: recovery.mode is neither 'quarantine-session' nor 'terminate-session'.");
            }

            yield break;
        }

        if (recovery.Mode == RecoveryMode.TerminateSession && policy.Places.ContainsKey("$.recovery.duration"))
        {
            yield return new(PolicyAnalyzer.Idle, "$.recovery.duration", "ends nothing: what 'terminate-session' ends does not begin again by itself. Use 'quarantine-session'.");
        }

        if (!policy.Session.Required)
        {
            yield return new(PolicyAnalyzer.Idle, "$.recovery.mode", "locks nobody who comes without a session: session.required is off.");
        }
    }
}
