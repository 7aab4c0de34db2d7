namespace Aegis.Events;

/// <summary>Calls the app for everything that is stopped.</summary>
internal sealed class ViolationSink(Action<Violation> onViolation) : IEventSink
{
    public void Write(AegisEvent e)
    {
        var wouldBlock = e.Verdict.Decision == Decision.Block;
        if (e.Checkpoint is { } checkpoint && (wouldBlock || e.Decision == Decision.Block))
        {
            onViolation(new(e.Id.ToString(), checkpoint, e.Session, e.Tool, e.Verdict, e.Decision == Decision.Block));
        }
    }
}
