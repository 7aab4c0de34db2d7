using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Aegis.Benchmarks;

/// <summary>A server on a free loopback port that keeps nothing on disk, as long as it is measured.</summary>
internal sealed class LocalRedis : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private LocalRedis(Process process, ConnectionMultiplexer connection) => (_process, Connection) = (process, connection);

    public ConnectionMultiplexer Connection { get; }

    public IServer Server => Connection.GetServers()[0];

    /// <summary>Starts it; null: there is no <c>redis-server</c> on the path.</summary>
    public static async Task<LocalRedis?> StartAsync()
    {
        if ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(static folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists) is not { } server)
        {
            return null;
        }

        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(server, string.Create(CultureInfo.InvariantCulture, $"--port {port} --bind 127.0.0.1 --save \"\" --appendonly no")) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, port } }, AbortOnConnectFail = false, AllowAdmin = true, ConnectTimeout = 500 });
            if (connection.IsConnected)
            {
                return new(process, connection);
            }

            await connection.DisposeAsync();
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                process.Kill();
                throw new TimeoutException("redis-server has not started.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
