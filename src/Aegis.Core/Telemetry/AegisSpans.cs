using System.Diagnostics;

namespace Aegis.Telemetry;

/// <summary>Begins and ends spans. What a listener throws is counted, and reaches nobody.</summary>
internal static class AegisSpans
{
    private static readonly ActivitySource Source = new(AegisTelemetry.SourceName, typeof(AegisSpans).Assembly.GetName().Version?.ToString(3));

    /// <summary>Whether anybody listens.</summary>
    public static bool IsHeard => Source.HasListeners();

    /// <summary>The span of Aegis that is at work; null: none is.</summary>
    public static Activity? Current => Source.HasListeners() && Activity.Current is { } span && ReferenceEquals(span.Source, Source) ? span : null;

    /// <summary>Begins a span inside the one that is at work, whoever's that is; null: nobody wants it.</summary>
    public static Activity? Begin(Checkpoint checkpoint)
    {
        var before = Activity.Current;
        try
        {
            return Source.StartActivity(TelemetryNames.SpanOf(checkpoint), ActivityKind.Internal);
        }
        catch (Exception)
        {
            AegisInstruments.Failed();
            Activity.Current = before;
            return null;
        }
    }

    public static void End(Activity? span)
    {
        var before = span?.Parent;
        try
        {
            span?.Stop();
        }
        catch (Exception)
        {
            AegisInstruments.Failed();
            Activity.Current = before;
        }
    }
}
