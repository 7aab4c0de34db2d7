using System.ClientModel;
using System.ClientModel.Primitives;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Aegis.ExtensionsAI.Tests.Streaming;

/// <summary>A value is found however it is split (promise P18).</summary>
public class SplitValueTests
{
    private const string Email = "mira.kolbe@quellbruck-optik.de";
    private const string Card = "4539 1488 0343 6467";
    private const string Token = "ghp_" + "f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task OverReasoningAndTextOfARealServer(int size)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Say($"Her card is {Card}, still.") with { Reasoning = $"She is {Email}, I think." }) { ChunkSize = size };
        await using var server = await LoopbackOpenAIServer.StartAsync(model, Some.Token);
#pragma warning disable OPENAI001 // The Responses client is experimental in the SDK.
        var client = Sdk(server).GetResponsesClient().AsIChatClient("m").AsBuilder().UseAegis(Some.Balanced).Build();
#pragma warning restore OPENAI001
        var updates = await client.GetStreamingResponseAsync("hi", cancellationToken: Some.Token).ToListAsync(Some.Token);
        Assert.Equal("She is [REDACTED-EMAIL], I think.", Thoughts(updates));
        Assert.Equal("Her card is [REDACTED-CREDIT-CARD], still.", Text(updates));
    }

    [Fact]
    public async Task OverThoughtsAndTextInTurns()
    {
        var pieces = $"Her card is {Card}, still.".Chunk(2).Zip($"She is {Email}, or not.".Chunk(2), static (text, thought) => new AIContent[] { new TextContent(new(text)), new TextReasoningContent(new(thought)) });
        var updates = await Stream([.. pieces.SelectMany(static both => both).Select(static content => Update("m", content))]);
        Assert.DoesNotContain("4539", Text(updates), StringComparison.Ordinal);
        Assert.DoesNotContain("mira", Thoughts(updates), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OverContentsOfOneUpdate()
    {
        var updates = await Stream(Update("m", [.. $"The token is {Token}, keep it.".Chunk(5).Select(static piece => new TextContent(new(piece)))]));
        Assert.DoesNotContain("ghp", Text(updates), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OverRolesOfOneMessage()
    {
        ChatRole[] roles = [ChatRole.Assistant, ChatRole.Tool, ChatRole.System];
        var updates = await Stream([.. $"The token is {Token}, keep it.".Chunk(5).Select((piece, i) => new ChatResponseUpdate(roles[i % 3], new string(piece)) { MessageId = "m" })]);
        Assert.DoesNotContain("ghp", Text(updates), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AroundAPicture()
    {
        var updates = await Stream(Update("m", new TextContent($"The token is {Token[..20]}")), Update("m", new DataContent(new byte[] { 1 }, "image/png")), Update("m", new TextContent($"{Token[20..]}, keep it.")));
        Assert.DoesNotContain("ghp", Text(updates), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ann@example.com", "ann@example.com")]
    [InlineData("ann@example.company", "")]
    public async Task OverPiecesOfArguments(string to, string ran)
    {
        var policy = AegisPolicy.Parse("""{ "extends": "balanced", "tools": { "send": { "arguments": { "to": { "pattern": "*@example.com" } } } } }""", PolicyFormat.Json);
        using var model = new ScriptedChatClient(ScriptedTurn.Call("send", new { to }));
        await using var server = await LoopbackOpenAIServer.StartAsync(model, Some.Token);   // eight characters of the arguments a piece
        var sent = "";
        var client = Sdk(server).GetChatClient("m").AsIChatClient().AsBuilder().UseAegisFunctionInvocation(policy).Build();
        await client.GetStreamingResponseAsync("Send it to ann@example.com or ann@example.company.", Some.With(AIFunctionFactory.Create((string to) => sent = to, "send")), Some.Token).ToListAsync(Some.Token);
        Assert.Equal(ran, sent);
    }

    [Fact]
    public async Task OverChoicesInTurns()
    {
        var updates = await Stream([.. $"She is {Email}, still.".Chunk(5).SelectMany(static piece => new[] { Update("a", new TextContent(new(piece))), Update("b", new TextContent("sunny ")) })]);
        Assert.DoesNotContain(Email, string.Concat(updates.Where(static update => update.MessageId == "a").Select(static update => update.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OverMessages()
    {
        var updates = await Stream(Update("a", new TextContent($"She is {Email[..16]}")), Update("b", new TextContent($"{Email[16..]}, still.")));
        Assert.DoesNotContain(Email, Text(updates), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OverAThoughtAndText()
    {
        var updates = await Stream(Update("m", new TextReasoningContent($"She is {Email[..16]}")), Update("m", new TextContent($"{Email[16..]}, still.")));
        Assert.DoesNotContain(Email, Thoughts(updates) + Text(updates), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OverStepsOfALoop(bool sandwich)
    {
        using var model = new ScriptedChatClient(Some.Call("read_page") with { Text = $"She is {Email[..16]}" }, ScriptedTurn.Say($"{Email[16..]}, still."));
        var client = sandwich ? model.AsBuilder().UseAegisFunctionInvocation(Some.Balanced).Build() : model.AsBuilder().UseAegis(Some.Balanced).UseFunctionInvocation().Build();
        var updates = await client.GetStreamingResponseAsync("hi", Some.With(Some.Tool("read_page")), Some.Token).ToListAsync(Some.Token);
        Assert.DoesNotContain(Email, Text(updates), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OverPiecesOfArgumentsThatNobodyRuns()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Call("send", new { value = Token }));
        await using var server = await LoopbackOpenAIServer.StartAsync(model, Some.Token);
        var client = Sdk(server).GetChatClient("m").AsIChatClient().AsBuilder().UseAegis(Some.Balanced).Build();
        var updates = await client.GetStreamingResponseAsync("Send it.", Some.With(Some.Tool("send")), Some.Token).ToListAsync(Some.Token);
        Assert.DoesNotContain(updates.SelectMany(static update => update.Contents).OfType<FunctionCallContent>(), static call => call.Arguments?["value"]?.ToString() == Token);
    }

    /// <summary>Each part is a message, what it is (R: reasoning, T: text), and what it says.</summary>
    [Theory]
    [InlineData("m:R=Her card is 4539 1488 |m:T=x|m:R=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:R=Her card is 4539 1488 |n:R=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:R=Her card is 4539 1488 |n:T=x|n:R=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:R=Hello card 4539 1488 |n:R=Yes |m:R=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:T=Her card is 4539 1488 |n:R=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:T=Her card is 4539 1488 |n:R=hm |n:T=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:T=Her card is 4539 1488 |m:R=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:R=Well. |m:T=Her card is 4539 1488 |m:R=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:T=Well. |m:R=Her card is 4539 1488 |m:T=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:R=Her card is 4539 1488 |m:T=mail mira.kolbe@quell|m:R=bruck-optik.de ok.", "mira.kolbe@quell", "bruck-optik")]
    [InlineData("m:T=mail mira.kolbe@quell|m:R=bruck-optik.de ok.", "mira.kolbe@quell", "bruck-optik")]
    [InlineData("m:R=mail mira.kolbe@quell|m:T=|m:R=bruck-optik.de ok.", "mira.kolbe@quell", "bruck-optik")]
    [InlineData("m:T=Well. |m:R=4539 1488 |n:T=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:R=4539 1488 |n:T=0343 6467 ok.", "4539 1488", "0343 6467")]
    [InlineData("m:R=token ghp_f3kQ9xT2mVb7Lw0R|m:T=\n|m:R=zYc8NsJd4HgA6EuP1iKo ok.", "ghp_f3kQ9xT2mVb7Lw0R", "zYc8NsJd4HgA6EuP1iKo")]
    public async Task OverReasoningAndTextInAnyOrder(string script, string first, string second)
    {
        foreach (var size in new[] { 1, 3, 1_000 })
        {
            var shown = Shown(await Stream(Updates(script, size)));
            Assert.False(shown.Contains(first, StringComparison.Ordinal) && shown.Contains(second, StringComparison.Ordinal), $"{size}: {shown}");
        }
    }

    [Theory]
    [InlineData("m:T=so it is, 1 + 1! |m:R=her card is 4539 1488 |m:T=and so on.|m:R=well, ok.", "so it is, 1 + 1! and so on.", "her card is 4539 1488 well, ok.")]
    [InlineData("m:T=Hello there. |m:R=Her card is 4539 1488 |m:T=Good bye. |m:R=Well, ok. ", "Hello there. Good bye. ", "Her card is 4539 1488 Well, ok. ")]
    [InlineData("m:R=Hello there. |m:T=mail mira.kolbe@quell|m:R=Good bye. |m:T= Well, ok. ", "mail mira.kolbe@quell Well, ok. ", "Hello there. Good bye. ")]
    [InlineData("m:T=One. |m:R=a@b|m:T=Two. |m:R= c@d|m:T=Three. |m:R= e@f|m:T=Four. |m:R= g@h|m:T=Five. |m:R= i@j|m:T=Six. |m:R= k", "One. Two. Three. Four. Five. Six. ", "a@b c@d e@f g@h i@j k")]
    public async Task OfTextsInTurnsNothingIsLostHoweverTheyAreDelivered(string script, string text, string thought)
    {
        foreach (var policy in new[] { Some.Balanced, Some.Balanced with { Output = Some.Balanced.Output with { Delivery = OutputDelivery.Buffered } } })
        {
            foreach (var size in new[] { 1, 3, 1_000 })
            {
                using var model = new FixedStream(Updates(script, size));
                var updates = await model.AsBuilder().UseAegis(policy).Build().GetStreamingResponseAsync("hi", cancellationToken: Some.Token).ToListAsync(Some.Token);
                Assert.Equal((text, thought), (Text(updates), Thoughts(updates)));
            }
        }
    }

    [Theory]
    [InlineData("m:R=token ghp_f3kQ9xT2mVb7Lw0R|m:T=and all the rest of the answer is shown.")]
    [InlineData("m:R=The token is ghp_f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo|m:T=and all the rest of the answer is shown.")]
    [InlineData("m:R=The token is ghp_f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo|n:T=and all the rest of the answer is shown.")]
    [InlineData("m:T=all the rest of|m:R=The token is ghp_f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo|n:T=and all the rest of the answer is shown.")]
    public async Task BehindReasoningThatIsBlockedNothingIsShown(string script)
    {
        foreach (var size in new[] { 1, 3, 1_000 })
        {
            var updates = await Stream(Updates(script, size));
            Assert.Equal(ChatFinishReason.ContentFilter, updates[^1].FinishReason);
            Assert.DoesNotContain("rest of the", Shown(updates), StringComparison.Ordinal);
            Assert.DoesNotContain("ghp_", Shown(updates), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AThoughtIsShownWholeBeforeTheTextBehindIt()
    {
        var updates = await Stream(Update("m", new TextReasoningContent("It may rain tomorrow")), Update("m", new TextContent("Take an umbrella, ")), Update("m", new TextContent("it is small.")));
        var contents = updates.SelectMany(static update => update.Contents).ToList();
        Assert.True(contents.FindLastIndex(static content => content is TextReasoningContent) < contents.FindIndex(static content => content is TextContent));
    }

    private static async Task<List<ChatResponseUpdate>> Stream(params ChatResponseUpdate[] updates)
    {
        using var model = new FixedStream(updates);
        return await model.AsBuilder().UseAegis(Some.Balanced).Build().GetStreamingResponseAsync("hi", cancellationToken: Some.Token).ToListAsync(Some.Token);
    }

    private static OpenAIClient Sdk(LoopbackOpenAIServer server) => new(new ApiKeyCredential("test"), new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(0) });

    private static ChatResponseUpdate Update(string message, params AIContent[] contents) => new(ChatRole.Assistant, contents) { MessageId = message };

    private static ChatResponseUpdate[] Updates(string script, int size) =>
        [.. script.Split('|').SelectMany(part => (part.Length == 4 ? [""] : part[4..].Chunk(size).Select(static piece => new string(piece))).Select(piece => Update(part[..1], part[2] == 'T' ? new TextContent(piece) : new TextReasoningContent(piece))))];

    private static string Shown(List<ChatResponseUpdate> updates) => string.Concat(updates.SelectMany(static update => update.Contents).Select(static content => content is TextContent text ? text.Text : (content as TextReasoningContent)?.Text));

    private static string Text(List<ChatResponseUpdate> updates) => string.Concat(updates.Select(static update => update.Text));

    private static string Thoughts(List<ChatResponseUpdate> updates) => string.Concat(updates.SelectMany(static update => update.Contents).OfType<TextReasoningContent>().Select(static thought => thought.Text));
}
