using Aegis.Telemetry;
using Microsoft.Extensions.Logging;

namespace Aegis;

/// <summary>Audit records of guards that are made without services.</summary>
public static class AegisBuilderOpenTelemetryExtensions
{
    /// <summary>Sends audit records to these loggers, where the policy has <c>otel</c> among <c>audit.transports</c>. With <c>AddAegisInstrumentation</c> in their OpenTelemetry they have the time and the span of the inspection.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="loggers">The factory with OpenTelemetry in it, for example that of <c>OpenTelemetrySdk</c>. Records have the category <c>Aegis.Audit</c>; its filters hold for them. It stays yours: dispose the guard first.</param>
    /// <returns>The builder.</returns>
    public static AegisBuilder UseOpenTelemetryAudit(this AegisBuilder builder, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(loggers);
        return builder.UseAuditForwarder(new OtelTransport(loggers.CreateLogger(OtelTransport.Category)));
    }
}
