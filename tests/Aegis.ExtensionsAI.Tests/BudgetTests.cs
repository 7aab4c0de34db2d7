using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Budgets inside each other, through chat clients and function loops.</summary>
public class BudgetTests
{
    private static readonly SessionId Alice = new("s", "alice", "acme");

    public static TheoryData<string, bool> Places => new()
    {
        { "outside", false }, { "outside", true }, { "inside", false }, { "inside", true }, { "both", false }, { "both", true },
    };

    private static IChatClient Build(IChatClient model, AegisGuard guard, string place) => place switch
    {
        "outside" => model.AsBuilder().UseAegis(guard).UseFunctionInvocation().Build(),
        "inside" => model.AsBuilder().UseFunctionInvocation().UseAegis(guard).Build(),
        _ => model.AsBuilder().UseAegis(guard).UseFunctionInvocation().UseAegis(guard).Build(),
    };

    private static AegisPolicy With(BudgetsPolicy budgets) => Some.Balanced with
    {
        Budgets = budgets,
        DenialOfWallet = null,
        DataFlow = new() { Provenance = ProvenanceMode.Off },
        AgentLoop = new() { MaxSteps = 100, RepeatedCalls = 100, PrivilegeDecay = new Dictionary<int, double>() },
    };

    private static async Task<ChatResponse> Ask(IChatClient client, ChatOptions options, bool streaming, SessionId? session = null)
    {
        using var scope = AegisScope.Begin(session ?? Alice);
        return streaming ? await client.GetStreamingResponseAsync("go", options, Some.Token).ToChatResponseAsync(Some.Token) : await client.GetResponseAsync("go", options, Some.Token);
    }

    private static async Task<long> Used(AegisGuard guard, SessionId account, string what) =>
        (await guard.Services.Store.ReadAsync(account, Some.Token)).Meters.Where(meter => meter.Key.Contains($"/{what}/", StringComparison.Ordinal)).Sum(meter => meter.Used(guard.Now));

    /// <summary>A model that goes on calling as long as it has tools.</summary>
    private static ScriptedChatClient Eager(int input = 0, int output = 0) => new((messages, options) =>
        (options?.Tools is { Count: > 0 } ? Some.Call("search", $"{messages.Count}") : ScriptedTurn.Say("that is what I have")) with { Usage = Usage(input, output) });

    /// <summary>A new one each time: loops add to it.</summary>
    private static UsageDetails? Usage(int input, int output) => input + output == 0 ? null : new() { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };

    [Theory, MemberData(nameof(Places))]
    public async Task WhoHasSpentTheCallsSaysALastWordWithoutTools(string place, bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Tenant = new() { MaxToolCalls = 3 } }));
        var (model, ran) = (Eager(), new List<string>());
        var response = await Ask(Build(model, guard, place), Some.With(Some.Tool("search", ran.Add)), streaming);

        Assert.Equal(3, ran.Count);
        Assert.EndsWith("that is what I have", response.Text, StringComparison.Ordinal);
        Assert.Equal((ChatFinishReason.ContentFilter, "budget/tool-calls"), (response.FinishReason, Some.Rules(response)[0]));
        Assert.Contains("budget/tool-calls", Some.Sent(model), StringComparison.Ordinal);   // the call that did not run has a result that says why
        Assert.Equal(3, await Used(guard, Alice.TenantAccount!.Value, "tool-calls"));
        Assert.Empty(model.Requests[^1].ToolNames);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task WhatWasSetAsideIsSettledByWhatTheProviderSays(string place, bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Tenant = new() { MaxTokens = 1_000_000 }, Session = new() { MaxCost = 100 }, Run = new() { MaxTokens = 1_000_000 }, Prices = new Dictionary<string, ModelPrice> { ["*"] = new(1, 1) } }));
        var model = new ScriptedChatClient((messages, _) => (messages.Count(static message => message.Role == ChatRole.Tool) < 3 ? Some.Call("search", $"{messages.Count}") : ScriptedTurn.Say("done")) with { Usage = Usage(200, 50) });
        var response = await Ask(Build(model, guard, place), Some.With(Some.Tool("search")), streaming);

        Assert.Equal("done", response.Text);
        Assert.Equal(4, model.Requests.Count);
        Assert.Equal((1_000, 1_000), (await Used(guard, Alice.TenantAccount!.Value, "tokens"), await Used(guard, Alice, "cost")));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task WithALimitOnAnswersTokensAreNeverExceeded(string place, bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Session = new() { MaxTokens = 4_000 } }));
        var model = Eager(100, 400);
        var options = Some.With(Some.Tool("search"));
        options.MaxOutputTokens = 1_000;
        await Ask(Build(model, guard, place), options, streaming);

        Assert.InRange(500 * model.Requests.Count, 2_000, 4_000);
        Assert.InRange(await Used(guard, Alice, "tokens"), 500 * model.Requests.Count, 4_000);
    }

    [Theory, InlineData("inside", false), InlineData("inside", true), InlineData("both", false), InlineData("both", true)]
    public async Task WhereTokensAreSpentALastWordIsAShortOne(string place, bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Run = new() { MaxTokens = 4_000 } }));
        var options = Some.With(Some.Tool("search"));
        options.MaxOutputTokens = 2_000;
        var limits = new List<int?>();
        var client = Build(new ScriptedChatClient((messages, asked) =>
        {
            limits.Add(asked!.MaxOutputTokens);
            return (asked.Tools is { Count: > 0 } ? Some.Call("search", $"{messages.Count}") : ScriptedTurn.Say("in short")) with { Usage = Usage(100, 900) };
        }), guard, place);
        var response = await Ask(client, options, streaming);

        Assert.Equal([2_000, 2_000, 512], limits);
        Assert.Equal(("in short", "budget/tokens"), (response.Text, Some.Rules(response)[0]));
    }

    [Theory, MemberData(nameof(Places))]
    public async Task WhoCanAffordNoWordIsRefused(string place, bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Principal = new() { MaxTokens = 300 } }));
        var model = Eager(200, 200);
        await Ask(Build(model, guard, place), new(), streaming);
        var response = await Ask(Build(model, guard, place), new(), streaming, new("another", "alice", "acme"));

        Assert.Equal(["budget/tokens"], Some.Rules(response));
        Assert.Single(model.Requests);
        Assert.Equal("that is what I have", (await Ask(Build(model, guard, place), new(), streaming, new("s", "bob", "acme"))).Text);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task ManyAgentsOfATenantRunExactlyWhatItHas(string place, bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Tenant = new() { MaxToolCalls = 25 } }));
        var ran = 0;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Ask(Build(Eager(), guard, place), Some.With(Some.Tool("search", _ => Interlocked.Increment(ref ran))), streaming, new($"s{i}", $"u{i % 7}", "acme")))));
        Assert.Equal(25, ran);
        Assert.Equal(25, await Used(guard, Alice.TenantAccount!.Value, "tool-calls"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ASubAgentEndsGracefullyAndItsCallerGoesOn(bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { SubAgent = new() { MaxToolCalls = 2 }, Run = new() { MaxToolCalls = 20 } }));
        var (searches, words) = (0, new List<string>());
        var inner = Build(Eager(), guard, "both");
        var agent = AIFunctionFactory.Create(
            async () =>
            {
                var answer = await inner.GetResponseAsync("look", Some.With(Some.Tool("search", _ => Interlocked.Increment(ref searches))), Some.Token);
                words.Add(answer.Text);
                return answer.Text;
            },
            "agent");
        var outer = Build(new ScriptedChatClient(ScriptedTurn.Call("agent"), ScriptedTurn.Call("agent", new { again = true }), ScriptedTurn.Say("all done")), guard, "both");
        var response = await Ask(outer, Some.With(agent), streaming);

        Assert.Equal(4, searches);
        Assert.All(words, static text => Assert.Equal("that is what I have", text));
        Assert.Equal((2, "all done"), (words.Count, response.Text));
        Assert.Null(response.AdditionalProperties?["aegis"]);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ACallOfTheModelThatFailsStaysSetAside(bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Session = new() { MaxTokens = 100_000 } }));
        var client = new ScriptedChatClient(ScriptedTurn.Fail(new InvalidOperationException("down"))).AsBuilder().UseAegis(guard).Build();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ask(client, new() { MaxOutputTokens = 700 }, streaming));
        Assert.InRange(await Used(guard, Alice, "tokens"), 1, 800);
        if (!streaming)
        {
            Assert.InRange(await Used(guard, Alice, "tokens"), 700, 800);   // nobody has said what it used; a stream shows what it has said
        }
    }

    [Theory, MemberData(nameof(Places))]
    public async Task AProviderThatSaysNothingIsChargedByTheLengthOfItsTexts(string place, bool streaming)
    {
        var guard = AegisGuard.Create(With(new() { Session = new() { MaxTokens = 1_000_000 } }));
        var model = new ScriptedChatClient((messages, _) => messages.Count(static message => message.Role == ChatRole.Tool) < 5 ? Some.Call("search", new string('x', 400)) : ScriptedTurn.Say("done"));
        await Ask(Build(model, guard, place), Some.With(Some.Tool("search")), streaming);
        Assert.InRange(await Used(guard, Alice, "tokens"), 5 * 100, 10_000);   // every call that it wrote, and not the 4,096 that it might have
    }
}
