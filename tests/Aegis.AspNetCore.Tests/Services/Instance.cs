using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Aegis.AspNetCore.Tests.Services;

/// <summary>A process of samples/agents/ChatService.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly HttpClient _http;

    private Instance(Process process, Uri address)
    {
        _process = process;
        _http = new() { BaseAddress = address };
    }

    public static async Task<Instance> StartAsync(string[] settings)
    {
        var process = Process.Start(StartOf(settings))!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException("The service has ended before it listened."));
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                address.TrySetResult(new(line.Data[(at + Listening.Length)..]));
            }
        };
        process.BeginOutputReadLine();
        return new(process, await address.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    /// <summary>What an instance says that does not start.</summary>
    public static async Task<string> FailAsync(params string[] settings)
    {
        using var process = Process.Start(StartOf(settings))!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, process.ExitCode);
        return said + await output;
    }

    /// <summary>What the user reads, and the rules if it was refused.</summary>
    public async Task<(string Text, IReadOnlyList<string> Rules)> SayAsync(string user, string conversation, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/chat/{conversation}", UriKind.Relative)) { Content = JsonContent.Create(new { message }) };
        request.Headers.Add("X-Demo-Key", $"demo-key-of-{user}");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var (text, rules) = ("", new List<string>());
        var last = "";
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), static (_, data) => JsonDocument.Parse(data.ToArray()).RootElement).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            last = item.EventType;
            text += item.Data.TryGetProperty("piece", out var piece) ? piece.GetString() : "";
            rules.AddRange(item.Data.TryGetProperty("rules", out var named) ? named.EnumerateArray().Select(static rule => rule.GetString()!) : []);
        }

        Assert.Equal(rules.Count == 0 ? "done" : "refused", last);
        return (text, rules);
    }

    public Task<string> HealthAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>As <c>kill -9</c> does: nothing is written down any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartOf(string[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, "--urls", "http://127.0.0.1:0", .. settings.Where(static setting => setting.Length > 0)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("OPENAI_API_KEY");
        return start;
    }

    private static string Assembly
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "Aegis.AI.sln")))
            {
                root = root.Parent!;
            }

            var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
            return Path.Combine(root.FullName, "samples", "agents", "ChatService", "bin", configuration, "net10.0", "ChatService.dll");
        }
    }
}
