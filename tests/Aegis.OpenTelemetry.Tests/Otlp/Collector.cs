using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;

namespace Aegis.OpenTelemetry.Tests.Otlp;

/// <summary>A receiver of OTLP over HTTP on a free loopback port, in protocol buffers, that shares no code with the sender.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<(string Path, byte[] Body)> _received = [];

    private Collector(WebApplication app) => _app = app;

    public int Port { get; private set; }

    /// <summary>What to answer instead of 200.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    public IReadOnlyList<OtlpSpan> Spans => [.. Of("/v1/traces").SelectMany(OtlpSpan.From)];

    public IReadOnlyList<OtlpPoint> Points => [.. Of("/v1/metrics").SelectMany(OtlpPoint.From)];

    public IReadOnlyList<OtlpLog> Logs => [.. Of("/v1/logs").SelectMany(OtlpLog.From)];

    /// <summary>How many requests came, whatever was answered.</summary>
    public int Requests
    {
        get
        {
            lock (_received)
            {
                return _received.Count;
            }
        }
    }

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var collector = new Collector(app);
        app.Run(collector.TakeAsync);
        await app.StartAsync();
        collector.Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return collector;
    }

    /// <summary>Points an exporter here.</summary>
    public void Take(OtlpExporterOptions options, string signal)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new($"http://127.0.0.1:{Port}/v1/{signal}");
    }

    /// <summary>Whether any byte of what came says this.</summary>
    public bool Says(string text)
    {
        lock (_received)
        {
            return _received.Any(received => received.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private byte[][] Of(string path)
    {
        lock (_received)
        {
            return [.. _received.Where(received => received.Path == path).Select(static received => received.Body)];
        }
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        lock (_received)
        {
            _received.Add((context.Request.Path, body.ToArray()));
        }

        if (Answer is { } answer)
        {
            await answer(context);
        }
    }
}
