using System.Diagnostics;

namespace Aegis.Redis.Tests;

/// <summary>Another instance of the service, in a process of its own.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Process _process;

    private Worker(Process process) => _process = process;

    public static async Task<Worker> StartAsync(RedisServer server, string prefix, string policyFile, string? clock = null)
    {
        var folder = Path.GetDirectoryName(typeof(Worker).Assembly.Location)!.Replace("Aegis.Redis.Tests", Path.Combine("Assets", "Aegis.RedisWorker"), StringComparison.Ordinal);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "Aegis.RedisWorker.dll"), server.Endpoint, prefix, policyFile]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (clock is not null)
        {
            start.Environment["LD_PRELOAD"] = FakeTime;
            start.Environment["FAKETIME"] = clock;
            start.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
            start.Environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
        }

        var worker = new Worker(Process.Start(start)!);
        Assert.Equal("ready", await worker._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return worker;
    }

    /// <summary>The library that gives a process another clock; null: it is not installed.</summary>
    public static string? FakeTime { get; } = Directory.Exists("/usr/lib") ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", SearchOption.AllDirectories).FirstOrDefault() : null;

    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        return await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("The worker has ended.");
    }

    /// <summary>Begins something and does not wait for it.</summary>
    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>At once, without a chance to write anything (SIGKILL).</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
