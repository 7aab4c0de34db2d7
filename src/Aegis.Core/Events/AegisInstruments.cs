using System.Diagnostics.Metrics;

namespace Aegis.Events;

/// <summary>The metrics of the meter <c>Aegis</c>, for <c>AddMeter("Aegis")</c>. Tags have few values.</summary>
internal static class AegisInstruments
{
    private static readonly Meter Meter = new("Aegis");

    private static readonly Histogram<double> JudgeLatency = Meter.CreateHistogram<double>("aegis.judge.latency_ms", "ms", "Time until a judge has answered, or has not.");

    public static void Judged(TimeSpan latency, Checkpoint checkpoint, string outcome)
    {
        if (JudgeLatency.Enabled)
        {
            JudgeLatency.Record(latency.TotalMilliseconds, new("aegis.checkpoint", checkpoint.ToString()), new("aegis.judge.outcome", outcome));
        }
    }
}
