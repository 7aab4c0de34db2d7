using System.Diagnostics;
using System.Diagnostics.Metrics;
using Aegis.Auditing;
using Aegis.Events;

namespace Aegis.Telemetry;

/// <summary>The metrics of the meter <c>Aegis</c>. Tags have few values: no ids, no names of tools, and of rules the first two hundred that something broke.</summary>
internal static class AegisInstruments
{
    public const int MostRules = 200;

    private static readonly FewValues Rules = new(MostRules);

    private static readonly Meter Meter = new(AegisTelemetry.MeterName, typeof(AegisInstruments).Assembly.GetName().Version?.ToString(3));

    private static readonly Counter<long> Scans = Meter.CreateCounter<long>(TelemetryNames.Scans, "{scan}", "Texts that were inspected.");

    private static readonly Counter<long> ScansBlocked = Meter.CreateCounter<long>(TelemetryNames.ScansBlocked, "{scan}", "Texts that were blocked.");

    private static readonly Counter<long> Violations = Meter.CreateCounter<long>(TelemetryNames.Violations, "{violation}", "What was stopped, or in monitor mode would have been.");

    private static readonly Counter<long> Decisions = Meter.CreateCounter<long>(TelemetryNames.Decisions, "{decision}", "Inspections, by what was enforced.");

    private static readonly Histogram<double> GuardDuration = Meter.CreateHistogram(TelemetryNames.GuardDuration, "s", "How long an inspection took: guards, stores, judges and people.", tags: null, new InstrumentAdvice<double>
    {
        HistogramBucketBoundaries = [0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300],
    });

    private static readonly Histogram<double> JudgeLatency = Meter.CreateHistogram<double>(TelemetryNames.JudgeLatency, "ms", "Time until a judge has answered, or has not.");

    private static readonly ObservableCounter<long> Failing = Meter.CreateObservableCounter(TelemetryNames.Failures, static () => Failures, "{failure}", "Exceptions of whoever listens to spans and metrics. None has reached an inspection.");

    private static long s_failures;

    /// <summary>Exceptions of listeners, which no inspection has seen.</summary>
    public static long Failures => Interlocked.Read(ref s_failures);

    public static void Failed() => Interlocked.Increment(ref s_failures);

    /// <summary>Counts an inspection. May throw what a listener throws.</summary>
    public static void Inspected(AegisEvent e, Checkpoint checkpoint)
    {
        if (!Scans.Enabled && !ScansBlocked.Enabled && !Violations.Enabled && !Decisions.Enabled && !GuardDuration.Enabled)
        {
            return;
        }

        var at = new KeyValuePair<string, object?>(TelemetryNames.Checkpoint, AuditJson.NameOf(checkpoint));
        var decision = new KeyValuePair<string, object?>(TelemetryNames.Decision, AuditJson.NameOf(e.Decision));
        if (checkpoint is not (Checkpoint.ModelStep or Checkpoint.ToolArguments))
        {
            Scans.Add(1, at);
            if (e.Decision >= Decision.Ask)
            {
                ScansBlocked.Add(1, at);
            }
        }

        Decisions.Add(1, at, decision);
        GuardDuration.Record(e.Duration.TotalSeconds, at, decision);
        if (Violations.Enabled && ViolationSink.IsViolation(e))
        {
            Violations.Add(1, new TagList { at, new(TelemetryNames.Event, e.Type), new(TelemetryNames.Rule, Rules.Of(e.Verdict.Rule ?? FewValues.Other)) });
        }
    }

    public static void Judged(TimeSpan latency, Checkpoint checkpoint, string outcome)
    {
        try
        {
            if (JudgeLatency.Enabled)
            {
                JudgeLatency.Record(latency.TotalMilliseconds, new(TelemetryNames.Checkpoint, AuditJson.NameOf(checkpoint)), new(TelemetryNames.JudgeOutcome, outcome));
            }
        }
        catch (Exception)   // else the judge would have failed
        {
            Failed();
        }
    }
}
