using Aegis.Core.Tests.Guarding;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Policies;

/// <summary>What counts as how much: bytes that leave, prices, time.</summary>
public class CompiledBudgetsTests
{
    private static readonly SessionId Session = new("s", "alice", "acme");

    private static AegisPolicy With(BudgetsPolicy budgets) => Given.Open with { Budgets = budgets };

    [Fact]
    public async Task BytesOfTextThatIsSentAreCountedAsUtf8()
    {
        var guard = Given.Guard(With(new() { Session = new() { MaxEgressBytes = 30 } }));
        var euros = new ToolCall("send_mail", Given.Arguments(("body", "\u20ac\u20ac\u20ac"))) { Tools = guard.Tools("send_mail") };   // 11, and three times 3

        Assert.Equal("passes", await guard.Run(Session).RuleOf(euros));
        Assert.Equal(20, await BudgetRoundTests.Used(guard, Session, "egress"));
        var second = await guard.Run(Session).InspectAsync(euros);
        Assert.Equal(("budget/egress", "budgets.session.maxEgressBytes: at most 30 per 01:00:00", RunEnd.No), (second.Verdict.Rule, second.Verdict.Findings[^1].Detail, second.Ends));
        Assert.Equal("passes", await guard.Run(Session).RuleOf(new ToolCall("send_mail", Given.Arguments(("a", "b"))) { Tools = guard.Tools("send_mail") }));   // nine more
        Assert.Equal("budget/egress", await guard.Run(Session).RuleOf(new ToolCall("send_mail", ToolArguments.Empty) { Tools = guard.Tools("send_mail") }));
    }

    [Theory]
    [InlineData("send_mail", null, true)]
    [InlineData("publish_post", null, true)]
    [InlineData("fetch_url", null, true)]
    [InlineData("frobnicate", null, true)]   // nobody knows what it does
    [InlineData("frobnicate", false, false)]
    [InlineData("get_balance", null, false)]
    [InlineData("get_balance", true, true)]
    [InlineData("update_ticket", null, false)]
    [InlineData("update_ticket", true, true)]
    [InlineData("send_mail", false, false)]
    public async Task WhatLeavesIsWhatToolsSendOrAskForOutside(string tool, bool? sink, bool leaves)
    {
        var tools = new Dictionary<string, ToolPolicy> { [tool] = new() { Sink = sink } };
        var guard = Given.Guard(With(new() { Session = new() { MaxEgressBytes = 0 } }) with { Tools = sink is null ? new Dictionary<string, ToolPolicy>() : tools });
        Assert.Equal(leaves ? "budget/egress" : "passes", await guard.Run(Session).RuleOf(guard.Call(tool, "x")));
    }

    [Fact]
    public async Task APriceIsThatOfTheModelInTheTableOfTheBudgets()
    {
        var guard = Given.Guard(With(new()
        {
            Session = new() { MaxCost = 1 },
            Prices = new Dictionary<string, ModelPrice> { ["small*"] = new(1, 2), ["*"] = new(10, 20) },
        }) with
        { DenialOfWallet = new() { Prices = new Dictionary<string, ModelPrice> { ["*"] = new(1_000, 1_000) } } });
        await guard.Run(Session).RuleOf(new ModelOutput("") { Usage = new(1_000, 2_000, "small-2") });
        Assert.Equal(5_000, await BudgetRoundTests.Used(guard, Session, "cost"));
        await guard.Run(Session).RuleOf(new ModelOutput("") { Usage = new(1_000, 2_000, "large") });
        Assert.Equal(55_000, await BudgetRoundTests.Used(guard, Session, "cost"));
        var refused = await guard.Run(Session).InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(0, 47_251, "large") });   // 0.94502 where 0.945 are left
        Assert.Equal(("budget/cost", "budgets.session.maxCost: at most 1 per 01:00:00"), (refused.Verdict.Rule, refused.Verdict.Findings[^1].Detail));
        Assert.Equal("passes", await guard.Run(Session).RuleOf(new ModelStep(Toolset.Empty) { Estimate = new(0, 47_250, "large") }));
    }

    [Fact]
    public async Task WithoutPricesOfTheirOwnBudgetsUseTheWallets()
    {
        var guard = Given.Guard(With(new() { Session = new() { MaxCost = 1 } }) with { DenialOfWallet = new() { Prices = new Dictionary<string, ModelPrice> { ["*"] = new(3, 0) } } });
        await guard.Run(Session).RuleOf(new ModelOutput("") { Usage = new(100, 100) });
        Assert.Equal(300, await BudgetRoundTests.Used(guard, Session, "cost"));
    }

    [Theory, InlineData("tenant"), InlineData("principal"), InlineData("session"), InlineData("run"), InlineData("subAgent")]
    public void ACostWithoutPricesIsAMistake(string level)
    {
        var refused = Assert.Throws<PolicyException>(() => AegisPolicy.Parse($$"""{ "version": 1, "budgets": { "{{level}}": { "maxCost": 1.5 } } }""", PolicyFormat.Json));
        Assert.Equal($"$.budgets.{level}.maxCost", Assert.Single(refused.Errors).Path);
    }

    [Fact]
    public void BudgetsAreExplained() => Assert.Subset(
        Aegis.Policies.Analysis.PolicyExplanation.Of(With(new() { Tenant = new() { MaxCost = 2.5m, MaxDuration = TimeSpan.FromHours(3) }, SubAgent = new() { MaxToolCalls = 4 }, Prices = new Dictionary<string, ModelPrice> { ["*"] = new(1, 1) } })).Budgets.ToHashSet(),
        new HashSet<string> { "budgets.tenant.maxCost: at most 2.5 per 01:00:00", "budgets.tenant.maxDuration: at most 03:00:00 per 01:00:00", "budgets.subAgent.maxToolCalls: at most 4" });

    [Fact]
    public async Task ARunWhoseTimeIsUpMaySayALastWord()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(With(new() { Run = new() { MaxDuration = TimeSpan.FromMinutes(1) } }), time);
        var run = guard.Run(Session);
        Assert.Equal("passes", await run.Step());
        time.Advance(TimeSpan.FromMinutes(1));

        var late = await run.InspectAsync(guard.Call("get"));
        Assert.Equal(("budget/duration", "budgets.run.maxDuration: at most 00:01:00", RunEnd.Gracefully), (late.Verdict.Rule, late.Verdict.Findings[^1].Detail, late.Ends));
        Assert.Equal("budget/duration", await run.RuleOf(new ModelStep(Toolset.Empty)));
        Assert.Equal("passes", await run.RuleOf(new ModelStep(Toolset.Empty) { Closing = true }));
        Assert.Equal("budget/closed", await run.RuleOf(new ModelStep(Toolset.Empty) { Closing = true }));
    }

    [Fact]
    public async Task ASubAgentHasATimeOfItsOwn()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(With(new() { SubAgent = new() { MaxDuration = TimeSpan.FromSeconds(10) } }), time);
        var run = guard.Run(Session);
        Assert.Equal("passes", await run.Step());
        time.Advance(TimeSpan.FromMinutes(1));
        var agent = guard.Run(Session, run);
        Assert.Equal("passes", await agent.Step());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("budget/duration", await agent.RuleOf(guard.Call("get", 1)));
        Assert.Equal("passes", await run.RuleOf(guard.Call("get", 2)));
    }

    [Fact]
    public async Task TheTimeOfRunsIsAddedUpAndThatOfSubAgentsCountsOnce()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(With(new() { Tenant = new() { MaxDuration = TimeSpan.FromSeconds(100), Window = TimeSpan.FromHours(1) } }), time);
        var (first, second) = (guard.Run(new("a", "alice", "acme")), guard.Run(new("b", "bob", "acme")));
        Assert.Equal(("passes", "passes"), (await first.Step(), await second.Step()));
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(("passes", "passes"), (await first.RuleOf(guard.Call("get", 1)), await second.RuleOf(guard.Call("get", 2))));   // 20 s each
        var agents = new[] { guard.Run(first.Session, first), guard.Run(new("elsewhere"), first) };
        time.Advance(TimeSpan.FromSeconds(30));
        foreach (var agent in agents)
        {
            Assert.Equal("passes", await agent.Step());
        }

        Assert.Equal("passes", await first.RuleOf(guard.Call("get", 3)));
        Assert.Equal(TimeSpan.FromSeconds(70).Ticks, await BudgetRoundTests.Used(guard, first.Session.TenantAccount!.Value, "duration"));
        var step = await second.InspectAsync(new ModelStep(Toolset.Empty));   // its thirty seconds
        Assert.True(step.MayProceed);
        var late = await guard.Run(new("c", "carol", "acme")).InspectAsync(new ModelStep(Toolset.Empty));
        Assert.Equal(("budget/duration", "budgets.tenant.maxDuration: at most 00:01:40 per 01:00:00"), (late.Verdict.Rule, late.Verdict.Findings[^1].Detail));
    }

    [Fact]
    public async Task WhoHasNotBegunWhenTheTimeIsUpHasNoLastWord()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(With(new() { Session = new() { MaxDuration = TimeSpan.FromSeconds(10) } }), time);
        var run = guard.Run(Session);
        Assert.Equal("passes", await run.Step());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("passes", await run.RuleOf(new ModelOutput("") { Usage = new(1, 1) }));   // what was under way
        Assert.Equal("budget/duration", await run.RuleOf(guard.Call("get")));
        Assert.Equal("passes", await run.RuleOf(new ModelStep(Toolset.Empty) { Closing = true }));
        var next = guard.Run(Session);
        Assert.Equal("budget/duration", await next.RuleOf(new ModelStep(Toolset.Empty)));
        Assert.Equal("budget/duration", await next.RuleOf(new ModelStep(Toolset.Empty) { Closing = true }));
    }

    [Fact]
    public async Task TimeThatARefusedCallTookIsCountedWithTheNext()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(With(new() { Tenant = new() { MaxDuration = TimeSpan.FromHours(1) }, Session = new() { MaxToolCalls = 1 } }), time);
        var run = guard.Run(Session);
        Assert.Equal("passes", await run.RuleOf(guard.Call("get", 1)));
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal("budget/tool-calls", await run.RuleOf(guard.Call("get", 2)));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("passes", await run.RuleOf(new ModelStep(Toolset.Empty)));
        Assert.Equal(TimeSpan.FromSeconds(10).Ticks, await BudgetRoundTests.Used(guard, Session.TenantAccount!.Value, "duration"));
    }
}
