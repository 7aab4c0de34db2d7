using System.Diagnostics;
using Aegis.Auditing;
using Aegis.Events;

namespace Aegis.Telemetry;

/// <summary>Counts events, and says them in the span of the inspection that they belong to. While nobody listens it does nothing and allocates nothing.</summary>
internal sealed class TelemetrySink : IEventSink
{
    public void Write(AegisEvent e)
    {
        if (AegisSpans.Current is { IsAllDataRequested: true } span)
        {
            span.AddEvent(EventOf(e));
        }

        if (e is { Named: null, Checkpoint: { } checkpoint })
        {
            try
            {
                AegisInstruments.Inspected(e, checkpoint);
            }
            catch (Exception)
            {
                AegisInstruments.Failed();
                throw;   // to the hub, which logs the first
            }
        }
    }

    private static ActivityEvent EventOf(AegisEvent e)
    {
        var tags = new ActivityTagsCollection
        {
            [TelemetryNames.Decision] = AuditJson.NameOf(e.Decision),
            [TelemetryNames.DecisionId] = e.Id.ToString(),
        };
        if (e.Verdict.Rule is { } rule)
        {
            tags[TelemetryNames.Rule] = AuditText.Of(rule);
        }

        if (e.Named is EventTypes.JudgeEvaluation)
        {
            tags[TelemetryNames.JudgeLatency] = e.Duration.TotalMilliseconds;
        }

        return new(e.Type, tags: tags);
    }
}
