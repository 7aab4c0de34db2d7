using Aegis.Policies;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace Aegis.Benchmarks;

/// <summary>What a layer costs per response and per streamed update, beside the framework's own telemetry layer with nobody listening.</summary>
[MemoryDiagnoser]
public class HopBenchmarks
{
    public const int Updates = 512;

    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "What is the weather like in Paris today, and should I take an umbrella?")];

    private readonly IChatClient _bare = new FixedChatClient(Updates);
    private readonly IChatClient _telemetry = new FixedChatClient(Updates).AsBuilder().UseOpenTelemetry().Build();
    private readonly IChatClient _quiet = Guarded(AegisPolicy.Preset("balanced") with { Scanner = null, DenialOfWallet = null });
    private readonly IChatClient _off = Guarded(AegisPolicy.Preset("balanced") with { Mode = PolicyMode.Off });
    private readonly IChatClient _full = Guarded(AegisPolicy.Preset("balanced"));

    /// <summary>No layer.</summary>
    [Benchmark]
    public Task<ChatResponse> Bare() => _bare.GetResponseAsync(Messages);

    /// <summary>UseOpenTelemetry without a listener.</summary>
    [Benchmark(Baseline = true)]
    public Task<ChatResponse> OpenTelemetry() => _telemetry.GetResponseAsync(Messages);

    /// <summary>UseAegis, switched off.</summary>
    [Benchmark]
    public Task<ChatResponse> Off() => _off.GetResponseAsync(Messages);

    /// <summary>UseAegis without scanner and wallet.</summary>
    [Benchmark]
    public Task<ChatResponse> Quiet() => _quiet.GetResponseAsync(Messages);

    /// <summary>UseAegis, preset balanced.</summary>
    [Benchmark]
    public Task<ChatResponse> Full() => _full.GetResponseAsync(Messages);

    /// <summary>No layer, streamed.</summary>
    [Benchmark]
    public Task<int> BareStream() => DrainAsync(_bare);

    /// <summary>UseOpenTelemetry, streamed.</summary>
    [Benchmark]
    public Task<int> OpenTelemetryStream() => DrainAsync(_telemetry);

    /// <summary>UseAegis without scanner and wallet, streamed.</summary>
    [Benchmark]
    public Task<int> QuietStream() => DrainAsync(_quiet);

    /// <summary>UseAegis, switched off, streamed.</summary>
    [Benchmark]
    public Task<int> OffStream() => DrainAsync(_off);

    private static IChatClient Guarded(AegisPolicy policy) =>
        new FixedChatClient(Updates).AsBuilder().UseAegis(policy with { AgentLoop = new() { MaxRunsPerWindow = new(int.MaxValue, TimeSpan.FromSeconds(1)) } }).Build();

    private static async Task<int> DrainAsync(IChatClient client)
    {
        var count = 0;
        await foreach (var update in client.GetStreamingResponseAsync(Messages))
        {
            count += update.Contents.Count;
        }

        return count;
    }
}
