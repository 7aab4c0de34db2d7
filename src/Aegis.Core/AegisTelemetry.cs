namespace Aegis;

/// <summary>Names under which Aegis says what it does: for <c>AddSource</c> and <c>AddMeter</c>. What there is stands in <c>docs/telemetry.md</c>.</summary>
public static class AegisTelemetry
{
    /// <summary>The <see cref="System.Diagnostics.ActivitySource"/> of spans.</summary>
    public const string SourceName = "Aegis";

    /// <summary>The <see cref="System.Diagnostics.Metrics.Meter"/> of metrics.</summary>
    public const string MeterName = "Aegis";
}
