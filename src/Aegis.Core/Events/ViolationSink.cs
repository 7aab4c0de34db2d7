namespace Aegis.Events;

/// <summary>Calls the app for everything that is stopped.</summary>
internal sealed class ViolationSink(Action<Violation> onViolation) : IEventSink
{
    public void Write(AegisEvent e)
    {
        // A question that a person answered with yes was no violation; one that monitor mode did not ask might have been.
        var wouldStop = e.Verdict.Decision == Decision.Block
            || (e.Verdict.Decision == Decision.Ask && e.Decision < Decision.Ask && e.Verdict.Findings.All(static finding => !string.Equals(finding.Rule, "approval/granted", StringComparison.Ordinal)));
        if (e.Checkpoint is { } checkpoint && (wouldStop || e.Decision == Decision.Block))
        {
            onViolation(new(e.Id.ToString(), checkpoint, e.Session, e.Tool, e.Verdict, e.Decision == Decision.Block));
        }
    }
}
