using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using StackExchange.Redis;

namespace Aegis.Redis.Tests;

/// <summary>A real server on a free loopback port that keeps nothing on disk: <c>redis-server</c> where it is installed, else Garnet, from the tool manifest. Tests skip where neither can be had.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private const int Stop = 19;
    private const int Continue = 18;

    private static readonly string Root = FindRoot();
    private static readonly string? Redis = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(static folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);
    private static readonly Lazy<bool> Garnet = new(static () => Run("dotnet", "tool restore", Root) == 0);

    private Process? _process;

    public int Port { get; } = FreePort();

    public string Endpoint => FormattableString.Invariant($"127.0.0.1:{Port}");

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>Begins empty.</summary>
    public async Task StartAsync()
    {
        var start = Redis is not null ? new ProcessStartInfo(Redis, FormattableString.Invariant($"--port {Port} --bind 127.0.0.1 --save \"\" --appendonly no --enable-debug-command yes"))
            : Garnet.Value ? new("dotnet", FormattableString.Invariant($"tool run garnet-server --port {Port} --bind 127.0.0.1 --lua"))
            : null;
        Assert.SkipWhen(start is null, "neither redis-server nor the tool garnet-server can be had");
        (start!.WorkingDirectory, start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (Root, true, true, true);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Until(async () =>
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { Endpoint }, ConnectTimeout = 500, AbortOnConnectFail = false });
            return redis.IsConnected && (await redis.GetDatabase().PingAsync()) > TimeSpan.Zero;
        });
    }

    /// <summary>A connection of an instance of its own.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync() =>
        await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { Endpoint }, AbortOnConnectFail = false, ConnectTimeout = 500, AllowAdmin = true, ReconnectRetryPolicy = new LinearRetry(50), BacklogPolicy = BacklogPolicy.FailFast });

    /// <summary>The server does not answer any more, and its connections stay open.</summary>
    public void Hang() => Assert.Equal(0, Signal(_process!.Id, Stop));

    public void GoOn() => Assert.Equal(0, Signal(_process!.Id, Continue));

    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Kill();
        }

        _process?.Dispose();
        return default;
    }

    /// <summary>Waits for what comes by itself, half a minute at most.</summary>
    public static async Task Until(Func<Task<bool>> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await holds())
        {
            await often.WaitForNextTickAsync(late.Token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Aegis.AI.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    private static int Run(string tool, string arguments, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
