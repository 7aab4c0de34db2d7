using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Aegis.ExtensionsAI.Tests.Streaming;

/// <summary>Through the SDK and a real server: who leaves a stream, cancels it or is stopped in it closes the connection (promise P17).</summary>
public class ServerSentEventsTests
{
    private const int Tries = 25;   // a shared machine may have no quiet moment at first
    private const string Harmless = "It is sunny today, and it stays so. ";
    private const string Token = "ghp_" + "f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo";

    private static readonly TimeSpan Most = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CancellingClosesTheConnection(bool fallsSilent) => Assert.InRange(await FastestAsync(fallsSilent, static async client =>
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Some.Token);
        var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.Run(async () =>
        {
            await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token))
            {
                shown.TrySetResult();
            }
        }, Some.Token);
        await shown.Task.WaitAsync(Patience, Some.Token);
        var left = Stopwatch.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        return left;
    }), TimeSpan.Zero, Most);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeavingEarlyClosesTheConnection(bool fallsSilent) => Assert.InRange(await FastestAsync(fallsSilent, static async client =>
    {
        var left = 0L;
        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: Some.Token))
        {
            left = Stopwatch.GetTimestamp();
            break;
        }

        return left;
    }), TimeSpan.Zero, Most);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASecretEndsTheAnswerAndClosesTheConnection(bool fallsSilent)
    {
        using var model = new EndlessChatClient($"The token is {Token}, keep it. ", fallsSilent);
        await using var server = await LoopbackOpenAIServer.StartAsync(model, Some.Token);
        var updates = await Guarded(server).GetStreamingResponseAsync("hi", cancellationToken: Some.Token).ToListAsync(Some.Token);
        await model.ClosedAsync(Some.Token).AsTask().WaitAsync(Patience, Some.Token);
        Assert.Equal($"The token is \n{Some.Balanced.RefusalText}", string.Concat(updates.Select(static update => update.Text)));
        Assert.Equal(ChatFinishReason.ContentFilter, updates[^1].FinishReason);
        Assert.Equal(["secrets/github-pat"], Some.Rules(updates.ToChatResponse()));
        await server.WaitForStreamsToCloseAsync(Some.Token);
    }

    /// <summary>From the moment in which the client leaves to the moment in which the server sees it.</summary>
    private static async Task<TimeSpan> FastestAsync(bool fallsSilent, Func<IChatClient, Task<long>> leave)
    {
        using var model = new EndlessChatClient(Harmless, fallsSilent);
        await using var server = await LoopbackOpenAIServer.StartAsync(model, Some.Token);
        var client = Guarded(server);
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < Tries && fastest > Most; i++)
        {
            var left = await leave(client);
            var closed = await model.ClosedAsync(Some.Token).AsTask().WaitAsync(Patience, Some.Token);
            var time = Stopwatch.GetElapsedTime(left, closed);
            fastest = time < fastest ? time : fastest;
        }

        return fastest;
    }

    /// <summary>Before HttpClient closes a connection it reads on for two seconds, in the hope that the answer ends and the connection can be used again; not here, where what Aegis adds is measured.</summary>
    private static IChatClient Guarded(LoopbackOpenAIServer server)
    {
        var http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero });
        var options = new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(0), Transport = new HttpClientPipelineTransport(http) };
        return new OpenAIClient(new ApiKeyCredential("test"), options).GetChatClient("m").AsIChatClient()
            .AsBuilder().UseAegis(Some.Balanced with { Output = Some.Balanced.Output with { MaxLength = int.MaxValue } }).Build();
    }
}
