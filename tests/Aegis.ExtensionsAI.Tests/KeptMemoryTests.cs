using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>What a session keeps of what it has read. Alone in its process while it runs: memory that other tests need would count too.</summary>
[CollectionDefinition(nameof(KeptMemoryTests), DisableParallelization = true)]
[Collection(nameof(KeptMemoryTests))]
public class KeptMemoryTests
{
    private static readonly int Rounds = Extent.Of(90, 40);
    private const int Length = 250_000;   // characters; half a million bytes
    private const long Most = 8_000_000;   // bytes, of 45 million or 20; pools keep some
    private const int Tries = 4;

    [Fact]
    public async Task TextsAreNotKept() => Assert.InRange(await LeastKeptAsync(static round => ("search", new string('a', Length) + round)), long.MinValue, Most);

    [Fact]
    public async Task LongToolNamesAreNotKept() => Assert.InRange(await LeastKeptAsync(static round => (new string('a', Length) + round, "r" + round)), long.MinValue, Most);

    /// <summary>Pools grow when they like and what other tests left behind goes when it likes, but what a session keeps it keeps each time.</summary>
    private static async Task<long> LeastKeptAsync(Func<int, (string Tool, string Result)> call)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Tries && least > Most; i++)
        {
            least = Math.Min(least, await KeptAsync(call));
        }

        return least;
    }

    /// <summary>Bytes that are still there when every result has been read and let go.</summary>
    private static async Task<long> KeptAsync(Func<int, (string Tool, string Result)> call)
    {
        using var model = new ForgetfulModel();
        var client = model.AsBuilder().UseAegis(Some.Balanced).Build();
        using var scope = AegisScope.Begin("s");
        await AskAsync(client, call(-1));   // what is made once is made
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var round = 0; round < Rounds; round++)
        {
            await AskAsync(client, call(round));
        }

        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(client);
        return kept;
    }

    private static Task<ChatResponse> AskAsync(IChatClient client, (string Tool, string Result) call) => client.GetResponseAsync(
    [
        new(ChatRole.User, "hi"),
        new(ChatRole.Assistant, [new FunctionCallContent("c", call.Tool, new Dictionary<string, object?>())]),
        new(ChatRole.Tool, [new FunctionResultContent("c", call.Result)]),
    ], cancellationToken: Some.Token);

    /// <summary>Answers, and keeps nothing of what it was asked.</summary>
    private sealed class ForgetfulModel : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "Done.")));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
