using System.Diagnostics;
using Aegis.OpenTelemetry.Tests.Otlp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Aegis.OpenTelemetry.Tests;

/// <summary>An app with a guard among its services, whose traces, metrics and logs go to a collector.</summary>
internal sealed class App : IAsyncDisposable
{
    public const string Requests = "Aegis.Tests.Requests";

    private readonly ServiceProvider _services;
    private readonly ActivitySource _requests = new(Requests);

    public App(Collector collector, AegisPolicy policy, Action<AegisBuilder>? configure = null, LogLevel level = LogLevel.None)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(level));
        services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddAegisInstrumentation("shop-1", "eu-north-1").AddSource(Requests, "Experimental.Microsoft.Extensions.AI", "Microsoft.SemanticKernel*").AddOtlpExporter(options => collector.Take(options, "traces")))
            .WithMetrics(metrics => metrics.AddAegisInstrumentation("shop-1", "eu-north-1").AddOtlpExporter(options => collector.Take(options, "metrics")))
            .WithLogging(logging => logging.AddAegisInstrumentation("shop-1", "eu-north-1").AddOtlpExporter(options => collector.Take(options, "logs")));
        var builder = services.AddAegis(policy);
        builder.UseInstance("shop-1", "eu-north-1");
        configure?.Invoke(builder);
        _services = services.BuildServiceProvider();
        _ = (_services.GetRequiredService<TracerProvider>(), _services.GetRequiredService<MeterProvider>());   // a host starts them
        Guard = _services.GetRequiredService<AegisGuard>();
    }

    public AegisGuard Guard { get; }

    /// <summary>A request to the app, as a web server's span would be.</summary>
    public Activity Request() => _requests.StartActivity("request", ActivityKind.Server)!;

    /// <summary>Sends all there is.</summary>
    public async Task FlushAsync()
    {
        await Guard.FlushAuditAsync(TestContext.Current.CancellationToken);
        _services.GetRequiredService<TracerProvider>().ForceFlush(10_000);
        _services.GetRequiredService<MeterProvider>().ForceFlush(10_000);
        _services.GetRequiredService<LoggerProvider>().ForceFlush(10_000);
    }

    public async ValueTask DisposeAsync()
    {
        _requests.Dispose();
        await _services.DisposeAsync();
    }
}
