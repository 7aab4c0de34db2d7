using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing.Tests.Models;

public class ScriptedChatClientTests
{
    private static readonly ChatMessage[] Hello = [new(ChatRole.User, "hello")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AScriptIsPlayedInOrderAndThenTheModelIsDone()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Say("one"), ScriptedTurn.Say("two"));

        Assert.Equal("one", (await model.GetResponseAsync(Hello, cancellationToken: Cancel)).Text);
        Assert.Equal("two", (await model.GetStreamingResponseAsync(Hello, cancellationToken: Cancel).ToChatResponseAsync(Cancel)).Text);
        Assert.Equal(ScriptedChatClient.Done, (await model.GetResponseAsync(Hello, cancellationToken: Cancel)).Text);
    }

    [Fact]
    public async Task AReactiveScriptSeesTheRequest()
    {
        using var model = new ScriptedChatClient((messages, options) => ScriptedTurn.Say($"{messages[^1].Text} {options?.ModelId}"));

        Assert.Equal("hello m", (await model.GetResponseAsync(Hello, new() { ModelId = "m" }, Cancel)).Text);
    }

    [Fact]
    public async Task ACallHasWireArgumentsAndAnIdOfItsOwn()
    {
        using var model = new ScriptedChatClient((_, _) => ScriptedTurn.Call("send", new { to = "bob", copies = 2 }));

        var first = Assert.Single(Calls(await model.GetResponseAsync(Hello, cancellationToken: Cancel)));
        var second = Assert.Single(Calls(await model.GetResponseAsync(Hello, cancellationToken: Cancel)));

        Assert.Equal(("call_1", "call_2"), (first.CallId, second.CallId));
        Assert.Equal("bob", Assert.IsType<JsonElement>(first.Arguments!["to"]).GetString());
        Assert.Equal(2, Assert.IsType<JsonElement>(first.Arguments["copies"]).GetInt32());
    }

    [Fact]
    public async Task AStreamIsCutIntoPiecesEvenInsideASurrogatePair()
    {
        var turn = ScriptedTurn.Say("abc😀") with { Reasoning = "hm", Usage = new() { InputTokenCount = 3 } };
        using var model = new ScriptedChatClient(turn with { Calls = [new("", "a"), new("x", "b")] });

        var updates = await model.GetStreamingResponseAsync(Hello, cancellationToken: Cancel).ToListAsync(Cancel);

        Assert.Equal(["hm", "abc\ud83d", "\ude00", "call_1 x", "tool_calls", "3"], updates.Select(Show));
        Assert.Equal([ChatRole.Assistant, null, null, null, null, null], updates.Select(update => update.Role));
        Assert.Single(updates.Select(update => (update.MessageId, update.ResponseId)).Distinct());
    }

    [Fact]
    public async Task ATurnThatFailsShowsItsTextFirst()
    {
        var failure = new TimeoutException();
        using var model = new ScriptedChatClient((_, _) => ScriptedTurn.Fail(failure) with { Text = "half" });
        var seen = "";

        var thrown = await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (var update in model.GetStreamingResponseAsync(Hello, cancellationToken: Cancel))
            {
                seen += update.Text;
            }
        });

        Assert.Same(failure, thrown);
        Assert.Equal("half", seen);
        await Assert.ThrowsAsync<TimeoutException>(() => model.GetResponseAsync(Hello, cancellationToken: Cancel));
        Assert.Equal(0, model.OpenStreams);
    }

    [Fact]
    public async Task ATurnThatHangsEndsWhenItIsCancelled()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Hang() with { Text = "half" }, ScriptedTurn.Hang());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using (var updates = model.GetStreamingResponseAsync(Hello, cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token))
        {
            Assert.True(await updates.MoveNextAsync());
            Assert.Equal(1, model.OpenStreams);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await updates.MoveNextAsync());
        }

        Assert.Equal(0, model.OpenStreams);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.GetResponseAsync(Hello, cancellationToken: stop.Token));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task RawRepresentationsRepeatTheContent(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Say("secret") with { Calls = [new("", "a", new Dictionary<string, object?> { ["k"] = 1 })] })
        {
            AttachRawRepresentation = true,
            ChunkSize = 100,
        };

        object?[] raws = streaming
            ? await model.GetStreamingResponseAsync(Hello, cancellationToken: Cancel)
                .SelectMany(update => update.Contents.Select(content => content.RawRepresentation).Append(update.RawRepresentation)).ToArrayAsync(Cancel)
            : All(await model.GetResponseAsync(Hello, cancellationToken: Cancel));

        object?[] expected = streaming
            ? ["raw:secret", "raw:secret", "raw:{\"k\":1}", "raw:{\"k\":1}", "raw:"]
            : ["raw:secret", "raw:{\"k\":1}", "raw:secret{\"k\":1}", "raw:secret{\"k\":1}"];
        Assert.Equal(expected, raws);
        static object?[] All(ChatResponse response) =>
            [.. response.Messages[0].Contents.Select(content => content.RawRepresentation), response.Messages[0].RawRepresentation, response.RawRepresentation];
    }

    [Fact]
    public async Task AServerSideConversationHasANewIdEveryTurn()
    {
        using var model = new ScriptedChatClient { ServerSideConversation = true };

        Assert.Equal("conv_1", (await model.GetResponseAsync(Hello, cancellationToken: Cancel)).ConversationId);
        Assert.All(await model.GetStreamingResponseAsync(Hello, cancellationToken: Cancel).ToListAsync(Cancel), update => Assert.Equal("conv_2", update.ConversationId));
    }

    [Fact]
    public async Task ParallelRequestsGetATurnEach()
    {
        using var model = new ScriptedChatClient([.. Enumerable.Range(0, 32).Select(n => ScriptedTurn.Call("t", new { n }))]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(n => n % 2 == 0
            ? Task.Run(() => model.GetResponseAsync(Hello, cancellationToken: Cancel))
            : Task.Run(() => model.GetStreamingResponseAsync(Hello, cancellationToken: Cancel).ToChatResponseAsync(Cancel))));

        Assert.Equal(32, model.Requests.Count);
        Assert.Equal(32, answers.Select(answer => Calls(answer).Single().CallId).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 32), answers.Select(answer => ((JsonElement)Calls(answer).Single().Arguments!["n"]!).GetInt32()).Order());
        Assert.Equal(0, model.OpenStreams);
    }

    [Fact]
    public async Task ARequestIsRememberedAsItWas()
    {
        using var model = new ScriptedChatClient();
        List<ChatMessage> messages = [.. Hello];
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] };

        await model.GetResponseAsync(messages, options, Cancel);
        messages.Add(new(ChatRole.User, "later"));
        options.Tools.Clear();

        var request = Assert.Single(model.Requests);
        Assert.Single(request.Messages);
        Assert.Same(options, request.Options);
        Assert.Equal(["one"], request.ToolNames);
    }

    [Fact]
    public async Task FunctionInvocationCanPlayOneTurnAgainAndAgain()
    {
        using var model = new ScriptedChatClient((messages, _) => messages.Count < 4 ? ScriptedTurn.Call("one") : ScriptedTurn.Say("end"));
        using var client = model.AsBuilder().UseFunctionInvocation().Build();

        var answer = await client.GetResponseAsync(Hello, new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] }, Cancel);

        Assert.Equal("end", answer.Text);
        Assert.Equal(3, model.Requests.Count);
        Assert.Same(model, client.GetService<ScriptedChatClient>());
        Assert.Equal("scripted", client.GetService<ChatClientMetadata>()?.ProviderName);
    }

    private static FunctionCallContent[] Calls(ChatResponse response) =>
        [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];

    private static string Show(ChatResponseUpdate update) => update.Contents switch
    {
        [] => update.FinishReason?.Value ?? "",
        [TextReasoningContent reasoning] => reasoning.Text,
        [UsageContent usage] => $"{usage.Details.InputTokenCount}",
        [FunctionCallContent, ..] => string.Join(' ', update.Contents.Cast<FunctionCallContent>().Select(call => call.CallId)),
        _ => update.Text,
    };
}
