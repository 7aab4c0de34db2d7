using Aegis;
using Aegis.Telemetry;
using OpenTelemetry.Resources;

namespace OpenTelemetry.Metrics;

/// <summary>Metrics of Aegis.</summary>
public static class AegisMeterProviderBuilderExtensions
{
    /// <summary>Takes the metrics of Aegis, and says in the resource which instance of the app made them.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="instance">The instance; unless said otherwise <c>AEGIS_INSTANCE</c> of the environment, else the machine's name.</param>
    /// <param name="region">Where it is; unless said otherwise <c>AEGIS_REGION</c>, else nobody says.</param>
    /// <returns>The builder.</returns>
    public static MeterProviderBuilder AddAegisInstrumentation(this MeterProviderBuilder builder, string? instance = null, string? region = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(AegisTelemetry.MeterName).ConfigureResource(resource => resource.AddAttributes(AppInstance.Of(instance, region)));
    }
}
