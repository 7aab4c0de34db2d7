namespace Aegis.Events;

/// <summary>Calls the app for everything that is stopped.</summary>
internal sealed class ViolationSink(Action<Violation> onViolation) : IEventSink
{
    public void Write(AegisEvent e)
    {
        // A question that a person, or a judge in a person's place, answered with yes was no violation; one that monitor mode did not ask might have been.
        var wouldStop = e.Verdict.Decision == Decision.Block
            || (e.Verdict.Decision == Decision.Ask && e.Decision < Decision.Ask && e.Verdict.Findings.All(static finding => finding.Rule is not ("approval/granted" or "judge/approved")));
        if (e.Checkpoint is { } checkpoint && e.Named is not EventTypes.JudgeEvaluation && (wouldStop || e.Decision == Decision.Block))
        {
            onViolation(new(e.Id.ToString(), checkpoint, e.Session, e.Tool, e.Verdict, e.Decision == Decision.Block));
        }
    }
}
