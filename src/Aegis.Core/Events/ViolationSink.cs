namespace Aegis.Events;

/// <summary>Calls the app for everything that is stopped.</summary>
internal sealed class ViolationSink(Action<Violation> onViolation) : IEventSink
{
    public void Write(AegisEvent e)
    {
        if (e.Checkpoint is { } checkpoint && IsViolation(e))
        {
            onViolation(new(e.Id.ToString(), checkpoint, e.Session, e.Tool, e.Verdict, e.Decision == Decision.Block));
        }
    }

    /// <summary>Whether it was stopped, or in monitor mode would have been.</summary>
    public static bool IsViolation(AegisEvent e)
    {
        // A question that a person, or a judge in a person's place, answered with yes was no violation; one that monitor mode did not ask might have been.
        var wouldStop = e.Verdict.Decision == Decision.Block
            || (e.Verdict.Decision == Decision.Ask && e.Decision < Decision.Ask && e.Verdict.Findings.All(static finding => finding.Rule is not ("approval/granted" or "judge/approved")));
        return e.Checkpoint is not null && e.Named is not EventTypes.JudgeEvaluation && (wouldStop || e.Decision == Decision.Block);
    }
}
