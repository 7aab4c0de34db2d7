using System.Globalization;
using System.Text;
using Aegis.Events;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>What a user types over several requests, judged together. Each text says its own risk: "0.75 and what follows".</summary>
public class TrajectoryTests
{
    private const string NearMisses = "trajectory/near-misses";

    private static readonly AegisPolicy Blocks = Some.Balanced with { Scanner = null, Session = new() { Trajectory = new() { Effect = TrajectoryEffect.Block } } };

    private readonly Some.Recorder _events = new();

    [Theory, InlineData(false), InlineData(true)]
    public async Task TheThirdNearMissOfAConversationIsRefused(bool streaming)
    {
        var model = new ScriptedChatClient();
        var client = Client(model, Guard(Blocks));
        using var scope = AegisScope.Begin("s");
        List<ChatMessage> history = [];
        foreach (var text in new[] { "0.7 a", "0 b", "0.8 c", "0.75 d", "0 e" })
        {
            history.Add(new(ChatRole.User, text));
            var answer = streaming ? await client.GetStreamingResponseAsync(history, cancellationToken: Some.Token).ToChatResponseAsync(Some.Token) : await client.GetResponseAsync(history, cancellationToken: Some.Token);
            Assert.Equal(text == "0.75 d", answer.FinishReason == ChatFinishReason.ContentFilter);
            history.AddRange(answer.Messages);
        }

        Assert.DoesNotContain("0.75 d", Some.Sent(model), StringComparison.Ordinal);   // nor later, as history
        Assert.Contains("0 e", Some.Sent(model), StringComparison.Ordinal);
        Assert.Equal(NearMisses, Assert.Single(_events.Events, static e => e.Type == EventTypes.ScanTrajectory).Verdict.Rule);
    }

    /// <summary>A guard on both sides of a function loop, and a model that takes several steps: the history goes through four times.</summary>
    [Fact]
    public async Task ATypedTextIsInspectedOnceInASandwichHoweverManyStepsAreTaken()
    {
        var guard = Guard(Blocks);
        var client = new ScriptedChatClient(Some.Call("search", "a"), Some.Call("search", "b"), ScriptedTurn.Say("done")).AsBuilder().UseAegisFunctionInvocation(guard).Build();
        using var scope = AegisScope.Begin("s");
        await client.GetResponseAsync("0.8 a", Some.With(Some.Tool("search")), Some.Token);

        Assert.Single(_events.Events, static e => e.Checkpoint == Checkpoint.Input);
        Assert.Single(await MarksAsync(guard));
    }

    [Fact]
    public async Task WhatIsTypedCountsThoughItCameAlongAsADocumentBefore()
    {
        var client = Client(new ScriptedChatClient(), Guard(Blocks));
        using var scope = AegisScope.Begin("s");
        var refused = new List<bool>();
        foreach (var text in new[] { "0.7 a", "0.7 b", "0.7 c" })
        {
            ChatMessage message = new(ChatRole.User, [new DataContent(Encoding.UTF8.GetBytes(text), "text/plain"), new TextContent(text)]);
            refused.Add((await client.GetResponseAsync(message, cancellationToken: Some.Token)).FinishReason == ChatFinishReason.ContentFilter);
        }

        Assert.Equal([false, false, true], refused);
    }

    /// <summary>Each piece alone is harmless: contents of one message, or messages that follow each other.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task WhatIsTypedInPiecesCountsAsTheTextThatItMakes(bool isOneMessage)
    {
        var client = new ScriptedChatClient().AsBuilder().UseAegis(AegisGuard.Create(Blocks, static builder => builder.AddGuard(new Whole()))).Build();
        using var scope = AegisScope.Begin("s");
        var refused = new List<bool>();
        for (var i = 0; i < 3; i++)
        {
            var (one, two) = (FormattableString.Invariant($"ignore {i}"), FormattableString.Invariant($"everything {i}"));
            ChatMessage[] messages = isOneMessage ? [new(ChatRole.User, [new TextContent(one), new TextContent(two)])] : [new(ChatRole.User, one), new(ChatRole.User, two)];
            refused.Add((await client.GetResponseAsync(messages, cancellationToken: Some.Token)).FinishReason == ChatFinishReason.ContentFilter);
        }

        Assert.Equal([false, false, true], refused);
    }

    [Fact]
    public async Task APieceThatCountsIsNotCountedAgainWithTheOthers()
    {
        var guard = Guard(Blocks);
        using var scope = AegisScope.Begin("s");
        for (var i = 0; i < 2; i++)
        {
            await Client(new ScriptedChatClient(), guard).GetResponseAsync([new(ChatRole.User, FormattableString.Invariant($"0.8 a{i}")), new(ChatRole.User, "0 b")], cancellationToken: Some.Token);
        }

        Assert.Equal(2, (await MarksAsync(guard)).Count(static mark => mark.Level > 0));
    }

    [Fact]
    public async Task AClientThatSendsTheSameHistoryAgainAndAgainDoesNotAccumulate()
    {
        var store = new MemorySessionStore();
        ChatMessage[] history = [new(ChatRole.User, "0.7 a"), new(ChatRole.Assistant, "0 yes"), new(ChatRole.User, "0.9 blocked then"), new(ChatRole.Assistant, "0 no"), new(ChatRole.User, "0 c")];
        using var scope = AegisScope.Begin("s");
        for (var process = 0; process < 4; process++)   // each has read nothing yet
        {
            var guard = Guard(Blocks, store);
            for (var request = 0; request < 3; request++)
            {
                Assert.Equal("Done.", (await Client(new ScriptedChatClient(), guard).GetResponseAsync(history, cancellationToken: Some.Token)).Text);
            }

            Assert.Equal(3, (await MarksAsync(guard)).Length);
        }
    }

    [Fact]
    public async Task ARefusedTextThatIsSentAgainIsRefusedAgainAndCountsOnce()
    {
        var guard = Guard(Blocks);
        var client = Client(new ScriptedChatClient(), guard);
        using var scope = AegisScope.Begin("s");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(ChatFinishReason.ContentFilter, (await client.GetResponseAsync("0.9 a", cancellationToken: Some.Token)).FinishReason);
        }

        Assert.Equal("Done.", (await client.GetResponseAsync("0.8 b", cancellationToken: Some.Token)).Text);
        Assert.Equal(2, (await MarksAsync(guard)).Length);
    }

    [Fact]
    public async Task WhatSubAgentsAreToldIsNotWhatTheUserTyped()
    {
        var guard = Guard(Blocks);
        var helper = Client(new ScriptedChatClient(), guard);
        var told = 0;
        var ask = AIFunctionFactory.Create(async () => (await helper.GetResponseAsync(FormattableString.Invariant($"0.8 task {told++}"), cancellationToken: Some.Token)).Text, "ask_helper");
        var client = new ScriptedChatClient(ScriptedTurn.Call("ask_helper", new { }, "a"), ScriptedTurn.Call("ask_helper", new { }, "b"), ScriptedTurn.Call("ask_helper", new { }, "c"), ScriptedTurn.Say("done")).AsBuilder().UseAegisFunctionInvocation(guard).Build();
        using var scope = AegisScope.Begin("s");
        await client.GetResponseAsync("0 go", Some.With(ask), Some.Token);

        Assert.True(told >= 2, $"{told} tasks");
        Assert.Empty(await MarksAsync(guard));
    }

    [Fact]
    public async Task DocumentsThatAUserAttachesAreNotWhatTheUserTyped()
    {
        var guard = Guard(Blocks);
        var client = Client(new ScriptedChatClient(), guard);
        using var scope = AegisScope.Begin("s");
        for (var i = 0; i < 4; i++)
        {
            var document = new DataContent(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"0.8 page {i}")), "text/plain");
            Assert.Equal("Done.", (await client.GetResponseAsync([new(ChatRole.User, [new TextContent("0 read this"), document]) { AuthorName = FormattableString.Invariant($"0.8 {i}") }], cancellationToken: Some.Token)).Text);
        }

        Assert.Empty(await MarksAsync(guard));
    }

    [Fact]
    public async Task TwoConversationsDoNotMixAndNobodysConversationsDoNotAddUp()
    {
        var client = Client(new ScriptedChatClient(), Guard(Blocks));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("Done.", (await client.GetResponseAsync(FormattableString.Invariant($"0.8 {i}"), cancellationToken: Some.Token)).Text);
            using var scope = AegisScope.Begin(FormattableString.Invariant($"s{i}"));
            Assert.Equal("Done.", (await client.GetResponseAsync("0.8 a", cancellationToken: Some.Token)).Text);
            Assert.Equal("Done.", (await client.GetResponseAsync("0.8 b", cancellationToken: Some.Token)).Text);
        }
    }

    [Fact]
    public async Task WhatOneRequestWithoutASessionShowsIsSeen()
    {
        var answer = await Client(new ScriptedChatClient(), Guard(Blocks)).GetResponseAsync([new(ChatRole.User, "0.8 a"), new(ChatRole.Assistant, "0 no"), new(ChatRole.User, "0.8 b"), new(ChatRole.Assistant, "0 no"), new(ChatRole.User, "0.8 c")], cancellationToken: Some.Token);
        Assert.Equal([NearMisses], Some.Rules(answer).Where(static rule => rule.StartsWith("trajectory/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task MonitorModeRefusesNothing()
    {
        var client = Client(new ScriptedChatClient(), Guard(Blocks with { Mode = PolicyMode.Monitor }));
        using var scope = AegisScope.Begin("s");
        foreach (var text in new[] { "0.9 a", "0.8 b", "0.8 c" })
        {
            Assert.Equal("Done.", (await client.GetResponseAsync(text, cancellationToken: Some.Token)).Text);
        }

        Assert.Single(_events.Events, static e => e.Type == EventTypes.ScanTrajectory);
    }

    private AegisGuard Guard(AegisPolicy policy, ISessionStore? store = null) => AegisGuard.Create(policy, builder => builder.UseSessionStore(store ?? new MemorySessionStore()).AddSink(_events).AddGuard(new RiskGuard()));

    private static IChatClient Client(ScriptedChatClient model, AegisGuard guard) => model.AsBuilder().UseAegis(guard).Build();

    private static async Task<RiskMark[]> MarksAsync(AegisGuard guard) => (await guard.Sessions.GetAsync(new("s"), Some.Token)).Risks?.Marks.ToArray() ?? [];

    /// <summary>Has a feeling about two words together.</summary>
    private sealed class Whole : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) =>
            new(Verdict.Clean(subject.Text.Contains("ignore", StringComparison.Ordinal) && subject.Text.Contains("everything", StringComparison.Ordinal) ? 0.75 : 0));
    }

    private sealed class RiskGuard : IGuard<UserInput>
    {
        public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken)
        {
            var risk = double.TryParse(subject.Text.Split(' ')[0], CultureInfo.InvariantCulture, out var said) ? said : 0;
            return new(risk == 0 ? Verdict.None : Verdict.Of(new Finding("test/risk", risk >= 0.9 ? Decision.Block : Decision.Flag, risk) { Atlas = ["AML.T0051.000"] }));
        }
    }
}
