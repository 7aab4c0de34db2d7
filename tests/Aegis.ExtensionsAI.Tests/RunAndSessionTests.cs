using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Whose run and whose session a request belongs to.</summary>
public class RunAndSessionTests
{
    private static AegisPolicy TwoSearches => Some.Balanced with { Limits = new Dictionary<string, RateLimit> { ["search"] = new(2, TimeSpan.FromHours(1)) } };

    [Fact]
    public async Task AStrictPolicyRefusesWhenNobodySaysWhoseConversationItIs()
    {
        var model = new ScriptedChatClient();
        var client = model.AsBuilder().UseAegis("strict").Build();
        Assert.Equal(["session/missing"], Some.Rules(await client.GetResponseAsync("hi")));
        using (AegisScope.Begin("c1"))
        {
            Assert.Equal("Done.", (await client.GetResponseAsync("hi")).Text);
        }

        Assert.Equal("Done.", (await client.GetResponseAsync("hi", new() { ConversationId = "provider-1" })).Text);
    }

    [Fact]
    public async Task WindowsCountPerSessionAndWithoutOneOnTheGuard()
    {
        var ran = new List<string>();
        var guard = AegisGuard.Create(TwoSearches);
        var client = new ScriptedChatClient(static (messages, _) => messages[^1].Role == ChatRole.User ? Some.Call("search") : ScriptedTurn.Say("ok"))
            .AsBuilder().UseAegisFunctionInvocation(guard).Build();
        for (var user = 0; user < 3; user++)
        {
            using var scope = AegisScope.Begin($"c{user}");
            for (var i = 0; i < 3; i++)
            {
                await client.GetResponseAsync("go", Some.With(Some.Tool("search", ran.Add)));
            }
        }

        Assert.Equal(6, ran.Count);
        for (var i = 0; i < 3; i++)
        {
            await client.GetResponseAsync("go", Some.With(Some.Tool("search", ran.Add)));
        }

        Assert.Equal(8, ran.Count);
    }

    [Fact]
    public async Task AnonymityIsLoggedOnce()
    {
        using var logs = new FakeLoggerProvider();
        using var loggers = Microsoft.Extensions.Logging.LoggerFactory.Create(builder => builder.Services.Add(new(typeof(Microsoft.Extensions.Logging.ILoggerProvider), logs)));
        var client = new ScriptedChatClient().AsBuilder().UseAegis(Some.Balanced, builder => builder.UseLoggerFactory(loggers)).Build();
        await client.GetResponseAsync("hi");
        await client.GetResponseAsync("hi");
        Assert.Single(logs.Collector.GetSnapshot(), static log => log.Message.Contains("without an AegisScope", StringComparison.Ordinal));
        Assert.Single(logs.Collector.GetSnapshot(), static log => log.Message.Contains("neither a function loop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AConversationIdThatChangesEveryTurnIsOneSession()
    {
        var ran = new List<string>();
        var model = new ScriptedChatClient(static (messages, _) => messages[^1].Role == ChatRole.User ? Some.Call("search") : ScriptedTurn.Say("ok")) { ServerSideConversation = true };
        var client = model.AsBuilder().UseAegisFunctionInvocation(AegisGuard.Create(TwoSearches)).Build();
        var conversation = (await client.GetResponseAsync("hello", Some.With(Some.Tool("search")))).ConversationId;
        for (var i = 0; i < 4; i++)
        {
            var options = Some.With(Some.Tool("search", ran.Add));
            options.ConversationId = conversation;
            conversation = (await client.GetResponseAsync("go", options)).ConversationId;
        }

        Assert.Equal(2, ran.Count);   // the first turn had no identity yet; the other four are one session
    }

    [Fact]
    public async Task MessagesAloneCannotStartRunsWithoutEnd()
    {
        var client = new ScriptedChatClient().AsBuilder().UseAegis(Some.Balanced with { AgentLoop = new() { MaxRunsPerWindow = new(3, TimeSpan.FromHours(1)) } }).Build();
        using var scope = AegisScope.Begin("c1");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("Done.", (await client.GetResponseAsync($"message {i}")).Text);
        }

        Assert.Equal(["budget/runs"], Some.Rules(await client.GetResponseAsync("one more")));
        scope.NewRun();
        Assert.Equal("Done.", (await client.GetResponseAsync("the host says so")).Text);
    }

    [Fact]
    public async Task AReserialisedManualLoopKeepsItsBudget()
    {
        var client = new ScriptedChatClient(static (_, _) => Some.Call("search")).AsBuilder().UseAegis(Some.Balanced with { AgentLoop = new() { MaxSteps = 3 } }).Build();
        List<ChatMessage> history = [new(ChatRole.User, "go")];
        var steps = 0;
        while (steps < 10)
        {
            var response = await client.GetResponseAsync(history, Some.With(Some.Tool("search")));
            var calls = response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>().ToList();
            if (calls.Count == 0)
            {
                break;
            }

            // Everything is copied, as after a trip through a database: no instance is known any more.
            history.Add(new(ChatRole.Assistant, [.. calls.Select(call => new FunctionCallContent($"id{steps}", call.Name, new Dictionary<string, object?> { ["value"] = $"v{steps}" }))]));
            history.Add(new(ChatRole.Tool, [new FunctionResultContent($"id{steps}", $"result {steps}")]));
            steps++;
        }

        Assert.Equal(3, steps);
    }

    [Fact]
    public async Task AQuarantinedSessionIsRefusedAndOthersAreNot()
    {
        var guard = AegisGuard.Create(Some.Balanced);
        var client = new ScriptedChatClient().AsBuilder().UseAegis(guard).Build();
        await guard.Sessions.QuarantineAsync(new("bad"));
        using (AegisScope.Begin("bad"))
        {
            Assert.Equal(["session/quarantined"], Some.Rules(await client.GetResponseAsync("hi")));
        }

        using (AegisScope.Begin("good"))
        {
            Assert.Equal("Done.", (await client.GetResponseAsync("hi")).Text);
        }

        await guard.Sessions.ReleaseAsync(new("bad"));
        using (AegisScope.Begin("bad"))
        {
            Assert.Equal("Done.", (await client.GetResponseAsync("hi")).Text);
        }
    }

    [Fact]
    public async Task ParallelRequestsDoNotBleed()
    {
        var client = new ScriptedChatClient(static (messages, options) => messages.Count(static message => message.Role == ChatRole.Assistant) < 3
                ? Some.Call("search", $"{messages[0].Text}-{messages.Count}")
                : ScriptedTurn.Say(messages[0].Text))
            .AsBuilder().UseAegisFunctionInvocation(AegisGuard.Create(Some.Balanced with { AgentLoop = new() { MaxSteps = 3 }, DenialOfWallet = null })).Build();
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => (await client.GetResponseAsync($"task {i}", Some.With(Some.Tool("search")))).Text)));
        Assert.Equal(Enumerable.Range(0, 32).Select(static i => $"task {i}"), answers);
    }

    [Fact]
    public async Task ARunThatHasEndedIsForgotten()
    {
        var guard = AegisGuard.Create(Some.Balanced);
        var client = new ScriptedChatClient(Some.Call("search")).AsBuilder().UseAegisFunctionInvocation(guard).Build();
        using var scope = AegisScope.Begin("c1");
        await client.GetResponseAsync("go", Some.With(Some.Tool("search")));
        Assert.Empty((await guard.Sessions.GetAsync(scope.Session)).Runs);
    }

    [Fact]
    public async Task SubAgentsInsideEachOtherAreBounded()
    {
        IChatClient? client = null;
        var depth = 0;
        var agent = AIFunctionFactory.Create(async () =>
        {
            Interlocked.Increment(ref depth);
            return (await client!.GetResponseAsync("deeper", new() { Tools = [s_agent.Value!] })).Text;
        }, "agent");
        s_agent.Value = agent;
        client = new ScriptedChatClient(static (messages, options) => options?.Tools is { Count: > 0 } && messages[^1].Role == ChatRole.User ? ScriptedTurn.Call("agent") : ScriptedTurn.Say("up"))
            .AsBuilder().UseAegisFunctionInvocation(AegisGuard.Create(Some.Balanced with { AgentLoop = new() { MaxDepth = 3 }, DataFlow = new() { Provenance = ProvenanceMode.Off } })).Build();
        await client.GetResponseAsync("go", Some.With(agent));
        Assert.InRange(depth, 3, 4);
    }

    private static readonly AsyncLocal<AITool?> s_agent = new();

    [Fact]
    public async Task ASubAgentOfAnotherGuardSpendsItsParentsStepsToo()
    {
        var inner = new ScriptedChatClient(static (messages, options) => options?.Tools is { Count: > 0 } ? Some.Call("search", $"{messages.Count}") : ScriptedTurn.Say("inner done"))
            .AsBuilder().UseAegisFunctionInvocation(AegisGuard.Create(Some.Balanced with { AgentLoop = new() { MaxSteps = 20, PrivilegeDecay = new Dictionary<int, double>() } })).Build();
        var searches = 0;
        var agent = AIFunctionFactory.Create(async () => (await inner.GetResponseAsync("task", Some.With(Some.Tool("search", _ => Interlocked.Increment(ref searches))))).Text, "agent");
        var outer = new ScriptedChatClient(ScriptedTurn.Call("agent"), ScriptedTurn.Call("agent"), ScriptedTurn.Call("agent"))
            .AsBuilder().UseAegisFunctionInvocation(AegisGuard.Create(Some.Balanced with { AgentLoop = new() { MaxSteps = 4, PrivilegeDecay = new Dictionary<int, double>() } })).Build();
        await outer.GetResponseAsync("go", Some.With(agent));
        Assert.InRange(searches, 1, 4);
    }

    [Fact]
    public async Task TokensAndCostStopTheNextRequest()
    {
        var usage = new UsageDetails { InputTokenCount = 600, OutputTokenCount = 500 };
        ScriptedChatClient Model() => new((_, _) => ScriptedTurn.Say("ok") with { Usage = usage });
        var byTokens = Model().AsBuilder().UseAegis(Some.Balanced with { DenialOfWallet = new() { MaxTokens = 1_000 } }).Build();
        Assert.Equal("ok", (await byTokens.GetResponseAsync("hi")).Text);
        Assert.Equal(["wallet/tokens"], Some.Rules(await byTokens.GetResponseAsync("hi")));
        var byCost = Model().AsBuilder().UseAegis(Some.Balanced with { DenialOfWallet = new() { MaxCost = 0.009m, Prices = new Dictionary<string, ModelPrice> { ["cheap*"] = new(1, 1), ["*dear"] = new(5, 10) } } }).Build();
        await byCost.GetStreamingResponseAsync("hi", new() { ModelId = "cheap-1" }).ToChatResponseAsync();
        Assert.Equal("ok", (await byCost.GetResponseAsync("hi")).Text);   // 0.0011 so far; this one costs 0.008, as an unknown model
        Assert.Equal(["wallet/cost"], Some.Rules(await byCost.GetResponseAsync("hi")));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task TheHostChoosesAPolicyForEachSession(bool stream)
    {
        var services = new ServiceCollection();
        services.AddAegis("trusted", Some.Balanced);
        services.AddAegis("public", AegisPolicy.Preset("strict"));
        await using var provider = services.BuildServiceProvider();
        var ran = new List<string>();
        var client = new ScriptedChatClient((messages, _) => messages[^1].Role == ChatRole.Tool ? ScriptedTurn.Say("done") : Some.Call("search")).AsBuilder()
            .UseAegisFunctionInvocation(static session => session?.Principal == "staff" ? "trusted" : session is null ? "no-such-policy" : "public").Build(provider);
        await Ask("staff");
        Assert.Single(ran);
        await Ask("visitor");
        Assert.Single(ran);
        await provider.GetRequiredKeyedService<AegisGuard>("public").Sessions.BanAsync(new SessionId("s", principal: "staff"));
        await Ask("staff");
        Assert.Single(ran);   // guards of one container share their locks
        await Assert.ThrowsAsync<PolicyException>(() => client.GetResponseAsync("hi"));

        async Task Ask(string principal)
        {
            using var scope = AegisScope.Begin("s", principal: principal);
            var options = Some.With(Some.Tool("search", ran.Add));
            _ = stream ? await client.GetStreamingResponseAsync("hi", options).ToChatResponseAsync() : await client.GetResponseAsync("hi", options);
        }
    }
}
