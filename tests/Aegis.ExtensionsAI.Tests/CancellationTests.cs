using System.ClientModel;
using System.ClientModel.Primitives;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using OpenAI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Cancelling, hanging and leaving early: nothing passes, nothing is left open.</summary>
public class CancellationTests
{
    [Fact]
    public async Task ACancelledTokenIsSeenAtEverySeam()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var model = new ScriptedChatClient();
        var guard = AegisGuard.Create(Some.Balanced);
        var client = model.AsBuilder().UseAegisFunctionInvocation(guard).Build();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("hi", cancellationToken: cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.GetStreamingResponseAsync("hi", cancellationToken: cancelled.Token).ToChatResponseAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await guard.InspectAsync(new UserInput("hi"), new("s"), cancelled.Token));
        Assert.Empty(model.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CancellingReachesAModelThatHangs(bool streaming)
    {
        using var cancel = new CancellationTokenSource();
        var model = new ScriptedChatClient(ScriptedTurn.Hang());
        var client = model.AsBuilder().UseAegisFunctionInvocation(Some.Balanced).Build();
        var asking = streaming ? client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token).ToChatResponseAsync() : client.GetResponseAsync("hi", cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(0, model.OpenStreams);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARunThatTakesTooLongIsRefused(bool streaming)
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var model = new ScriptedChatClient((_, _) =>
        {
            asked.TrySetResult();
            return ScriptedTurn.Hang();
        });
        var client = model.AsBuilder().UseAegis(Some.Balanced, builder => builder.UseTimeProvider(time)).Build();
        var asking = streaming ? client.GetStreamingResponseAsync("hi").ToChatResponseAsync() : client.GetResponseAsync("hi");
        await asked.Task;
        time.Advance(TimeSpan.FromMinutes(11));
        var response = await asking;
        Assert.Equal(["budget/duration"], Some.Rules(response));
        Assert.Equal(0, model.OpenStreams);
    }

    [Fact]
    public async Task AToolThatHangsIsLeftBehindWhenTimeIsUp()
    {
        var time = new FakeTimeProvider();
        var running = new TaskCompletionSource();
        var never = new TaskCompletionSource<string>();
        var client = new ScriptedChatClient(ScriptedTurn.Call("wait")).AsBuilder().UseAegisFunctionInvocation(Some.Balanced, builder => builder.UseTimeProvider(time)).Build();
        var wait = AIFunctionFactory.Create(() =>
        {
            running.TrySetResult();
            return never.Task;
        }, "wait");
        var asking = client.GetResponseAsync("hi", Some.With(wait));
        await running.Task;
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(["budget/duration"], Some.Rules(await asking));
    }

    [Fact]
    public async Task LeavingAStreamClosesTheModels()
    {
        var model = new ScriptedChatClient(ScriptedTurn.Say("a long answer that nobody reads to its end"));
        var client = model.AsBuilder().UseAegisFunctionInvocation(Some.Balanced).Build();
        await foreach (var update in client.GetStreamingResponseAsync("hi"))
        {
            break;
        }

        Assert.Equal(0, model.OpenStreams);
    }

    [Fact]
    public async Task ABlockedStreamStopsARealServer()
    {
        var model = new ScriptedChatClient(ScriptedTurn.Say("the KEY-123456 is out ") with { Hangs = true });
        await using var server = await LoopbackOpenAIServer.StartAsync(model, Some.Token);
        var sdk = new OpenAIClient(new ApiKeyCredential("test"), new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) });
        var client = sdk.GetChatClient("m").AsIChatClient().AsBuilder().UseAegis(Some.Balanced with { Output = new() { MaxLength = 10 } }).Build();
        var response = await client.GetStreamingResponseAsync("hi", cancellationToken: Some.Token).ToChatResponseAsync(Some.Token);
        Assert.Equal(["output/length"], Some.Rules(response));
        Assert.StartsWith("the KEY-12", response.Text, StringComparison.Ordinal);
        await server.WaitForStreamsToCloseAsync(Some.Token);
    }

    [Fact]
    public async Task AModelThatThrowsInMidStreamIsDisposed()
    {
        var model = new ScriptedChatClient(ScriptedTurn.Fail(new InvalidOperationException("gone")) with { Text = "half" });
        var client = model.AsBuilder().UseAegis(Some.Balanced).Build();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await client.GetStreamingResponseAsync("hi").ToChatResponseAsync());
        Assert.Equal(0, model.OpenStreams);
    }

    [Fact]
    public void DisposingReachesTheInnerClient()
    {
        var model = new ScriptedChatClient();
        model.AsBuilder().UseAegisFunctionInvocation(Some.Balanced).Build().Dispose();
        Assert.True(model.Disposed);
    }
}
