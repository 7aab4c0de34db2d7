using Aegis;
using Aegis.Telemetry;
using OpenTelemetry.Resources;

namespace OpenTelemetry.Trace;

/// <summary>Spans of Aegis.</summary>
public static class AegisTracerProviderBuilderExtensions
{
    /// <summary>Takes the spans of Aegis, and says in the resource which instance of the app made them. What they say of texts is the guard's concern: <see cref="AegisBuilder.CaptureContent"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="instance">The instance; unless said otherwise <c>AEGIS_INSTANCE</c> of the environment, else the machine's name.</param>
    /// <param name="region">Where it is; unless said otherwise <c>AEGIS_REGION</c>, else nobody says.</param>
    /// <returns>The builder.</returns>
    public static TracerProviderBuilder AddAegisInstrumentation(this TracerProviderBuilder builder, string? instance = null, string? region = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(AegisTelemetry.SourceName).ConfigureResource(resource => resource.AddAttributes(AppInstance.Of(instance, region)));
    }
}
