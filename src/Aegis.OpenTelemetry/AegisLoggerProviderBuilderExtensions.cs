using Aegis.Auditing;
using Aegis.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Resources;

namespace OpenTelemetry.Logs;

/// <summary>Audit records of Aegis as log records.</summary>
public static class AegisLoggerProviderBuilderExtensions
{
    /// <summary>Sends the audit records of the services' guards, where their policy has <c>otel</c> among <c>audit.transports</c>, with the time and the span of the inspection; and says in the resource which instance of the app made them. Levels and filters of the app's log do not hold for them.</summary>
    /// <param name="builder">The builder. Exporters that were added to it before send the time of sending and no span.</param>
    /// <param name="instance">The instance; unless said otherwise <c>AEGIS_INSTANCE</c> of the environment, else the machine's name.</param>
    /// <param name="region">Where it is; unless said otherwise <c>AEGIS_REGION</c>, else nobody says.</param>
    /// <returns>The builder.</returns>
    public static LoggerProviderBuilder AddAegisInstrumentation(this LoggerProviderBuilder builder, string? instance = null, string? region = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .ConfigureServices(static services => services.AddSingleton<IAuditForwarder>(static services => new OtelTransport(LoggerOf(services))))
            .ConfigureResource(resource => resource.AddAttributes(AppInstance.Of(instance, region)))
            .AddProcessor(new AuditRecordProcessor());
    }

    /// <summary>That of OpenTelemetry alone: no filter stands before it, and no other log hears it too.</summary>
    private static ILogger LoggerOf(IServiceProvider services) =>
        services.GetServices<ILoggerProvider>().OfType<OpenTelemetryLoggerProvider>().FirstOrDefault()?.CreateLogger(OtelTransport.Category)
        ?? throw new InvalidOperationException("The audit transport 'otel' needs OpenTelemetry's logging among the services. Call AddOpenTelemetry().WithLogging(…).");
}
