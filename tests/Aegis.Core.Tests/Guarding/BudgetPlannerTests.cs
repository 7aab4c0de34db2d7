using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Core.Tests.Guarding;

/// <summary>P23: sub-agents share the budgets of those above them, and count once on every account.</summary>
public class BudgetPlannerTests
{
    private static readonly SessionId Alice = new("s", "alice", "acme");

    private static AegisPolicy With(BudgetsPolicy budgets) => Given.Open with { Budgets = budgets };

    private static BudgetsPolicy Counting(long calls = 1_000) => new() { Tenant = new() { MaxToolCalls = calls }, Principal = new() { MaxToolCalls = calls }, Session = new() { MaxToolCalls = calls } };

    private static Task<long> Used(AegisGuard guard, SessionId account, string what = "tool-calls") => BudgetRoundTests.Used(guard, account, what);

    private static async Task<AegisRun> Opened(AegisRun run)
    {
        Assert.Equal("passes", await run.RuleOf(new ModelStep(Toolset.Empty)));
        return run;
    }

    [Fact]
    public async Task ASubAgentSpendsItsOwnBudgetAndThatOfTheRunsAboveIt()
    {
        var guard = Given.Guard(With(new() { Run = new() { MaxToolCalls = 4 }, SubAgent = new() { MaxToolCalls = 2 } }));
        var run = await Opened(guard.Run(Alice));
        var (first, second) = (guard.Run(Alice, run), guard.Run(Alice, run));

        Assert.Equal(["passes", "passes", "budget/tool-calls"], [await first.RuleOf(guard.Call("get", 1)), await first.RuleOf(guard.Call("get", 2)), await first.RuleOf(guard.Call("get", 3))]);
        Assert.Equal("passes", await second.RuleOf(guard.Call("get", 4)));
        Assert.Equal("passes", await run.RuleOf(guard.Call("get", 5)));
        var refused = await second.InspectAsync(guard.Call("get", 6));   // its own second, the run's fifth
        Assert.Equal(("budget/tool-calls", "budgets.run.maxToolCalls: at most 4"), (refused.Verdict.Rule, refused.Verdict.Findings[^1].Detail));
        Assert.Equal("budget/tool-calls", await run.RuleOf(guard.Call("get", 7)));
        Assert.Equal("passes", await guard.Run(Alice).RuleOf(guard.Call("get", 8)));   // another turn
    }

    [Fact]
    public async Task ASubAgentInsideASubAgentSpendsTheBudgetsOfBoth()
    {
        var guard = Given.Guard(With(new() { SubAgent = new() { MaxToolCalls = 2 } }));
        var run = await Opened(guard.Run(Alice));
        var agent = await Opened(guard.Run(Alice, run));
        var inner = guard.Run(Alice, agent);

        Assert.Equal("passes", await inner.RuleOf(guard.Call("get", 1)));
        Assert.Equal("passes", await agent.RuleOf(guard.Call("get", 2)));
        Assert.Equal("budget/tool-calls", await inner.RuleOf(guard.Call("get", 3)));
        Assert.Equal("passes", await run.RuleOf(guard.Call("get", 4)));
    }

    [Theory, InlineData(true, false), InlineData(false, true), InlineData(true, true), InlineData(false, false)]
    public async Task AnAgentElsewhereCountsOnceOnEveryAccountOfThoseAboveIt(bool otherGuard, bool otherSession)
    {
        var store = new MemorySessionStore();
        var guard = Given.Guard(With(Counting() with { Run = new() { MaxToolCalls = 3 } }), store: store);
        var other = otherGuard ? Given.Guard(With(Counting()), store: store) : guard;
        var session = otherSession ? new SessionId("other", "alice", "acme") : Alice;
        var run = await Opened(guard.Run(Alice));
        var agent = await Opened(other.Run(session, run));

        Assert.Equal("passes", await agent.RuleOf(other.Call("get", 1)));
        Assert.Equal("passes", await other.Run(session, agent).RuleOf(other.Call("get", 2)));   // shares its account
        Assert.All(await other.Pipeline.InspectAllAsync([other.Call("get", 3)], agent, Given.Cancel), static one => Assert.True(one.MayProceed));
        Assert.Equal((3, 3, 3, 3), (await Used(guard, Alice.TenantAccount!.Value), await Used(guard, Alice.PrincipalAccount!.Value), await Used(guard, Alice), await Used(guard, session)));
        Assert.Equal("budget/tool-calls", await agent.RuleOf(other.Call("get", 4)));   // the run above has had its three
        Assert.Equal("budget/tool-calls", await run.RuleOf(guard.Call("get", 5)));
        Assert.Equal((3, 3), (await Used(guard, Alice.TenantAccount!.Value), await Used(guard, session)));
    }

    [Fact]
    public async Task AnAgentWhoseGuardHasNoBudgetsSpendsThoseAboveItAllTheSame()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 3, MaxTokens = 1_000, MaxEgressBytes = 100 } }));
        var free = Given.Guard(Given.Open);
        var run = await Opened(guard.Run(Alice));
        var agent = free.Run(null, run);

        Assert.Equal(["passes", "passes"], [await agent.RuleOf(free.Call("get", 1)), await agent.RuleOf(free.Call("get", 2))]);
        Assert.Equal("budget/egress", await agent.RuleOf(free.Call("send_mail", new string('x', 100))));
        Assert.Equal(["passes", "budget/tool-calls"], [await agent.RuleOf(free.Call("get", 3)), await agent.RuleOf(free.Call("get", 4))]);
        Assert.Equal("passes", await agent.RuleOf(new ModelOutput("") { Usage = new(900, 100) }));
        Assert.Equal("budget/tokens", await agent.RuleOf(new ModelStep(Toolset.Empty)));
    }

    [Fact]
    public async Task OfTwoBudgetsOnOneAccountTheSmallerHolds()
    {
        var store = new MemorySessionStore();
        var (guard, other) = (Given.Guard(With(Counting(2)), store: store), Given.Guard(With(Counting(5)), store: store));
        var agent = other.Run(Alice, await Opened(guard.Run(Alice)));

        Assert.Equal(["passes", "passes", "budget/tool-calls"], [await agent.RuleOf(other.Call("get", 1)), await agent.RuleOf(other.Call("get", 2)), await agent.RuleOf(other.Call("get", 3))]);
        Assert.Equal("passes", await other.Run(Alice).RuleOf(other.Call("get", 4)));   // on nobody's behalf but its own
    }

    [Fact]
    public async Task AnAgentBelowOneThatIsElsewhereStillSpendsTheStepsOfTheFirst()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxSteps = 3 } });
        var run = await Opened(guard.Run(Alice));
        var agent = await Opened(guard.Run(new("other"), run));
        var inner = guard.Run(new("other"), agent);

        Assert.Equal(["passes", "passes", "passes", "budget/steps"], [await inner.Step(), await inner.Step(), await inner.Step(), await inner.Step()]);
        Assert.Equal("budget/steps", await run.Step());
    }

    [Fact]
    public async Task WhoIsNobodysHasNoBudgetOfAUserOrTenant()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 0 }, Principal = new() { MaxToolCalls = 0 } }));
        Assert.Equal("passes", await guard.Run(null).RuleOf(guard.Call("get", 1)));
        Assert.Equal("passes", await guard.Run(new("s")).RuleOf(guard.Call("get", 2)));
        Assert.Equal("budget/tool-calls", await guard.Run(new("s", "alice")).RuleOf(guard.Call("get", 3)));
        Assert.Equal("budget/tool-calls", await guard.Run(new("s", null, "acme")).RuleOf(guard.Call("get", 4)));
    }

    [Fact]
    public async Task UsersOfTwoTenantsWhoAreCalledTheSameShareNothing()
    {
        var guard = Given.Guard(With(new() { Principal = new() { MaxToolCalls = 1 } }));
        Assert.Equal("passes", await guard.Run(new("a", "alice", "acme")).RuleOf(guard.Call("get", 1)));
        Assert.Equal("budget/tool-calls", await guard.Run(new("b", "alice", "acme")).RuleOf(guard.Call("get", 2)));
        Assert.Equal("passes", await guard.Run(new("a", "alice", "other")).RuleOf(guard.Call("get", 3)));
    }

    // Setting aside and settling

    [Fact]
    public async Task WhatACallDidNotUseComesBackOnEveryLevel()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxTokens = 1_000 }, Session = new() { MaxTokens = 1_000 }, Run = new() { MaxTokens = 1_000 } }) with { DenialOfWallet = new() { MaxTokens = 1_000 } });
        var run = guard.Run(Alice);
        for (var i = 0; i < 9; i++)
        {
            var step = await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(100, 100) });
            Assert.True(step.MayProceed, $"{i}");
            Assert.Equal(200 + (100 * i), await Used(guard, Alice, "tokens"));
            Assert.Equal("passes", await run.RuleOf(new ModelOutput("") { Step = (ModelStep)step.Subject, Usage = new(100, 0) }));
        }

        Assert.Equal((900, 900), (await Used(guard, Alice.TenantAccount!.Value, "tokens"), await Used(guard, Alice, "tokens")));
        Assert.Equal("wallet/tokens", await run.RuleOf(new ModelStep(Toolset.Empty) { Estimate = new(100, 1) }));
        Assert.Equal("passes", await run.RuleOf(new ModelStep(Toolset.Empty) { Estimate = new(99, 1) }));
    }

    [Fact]
    public async Task AStepIsSettledOnce()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxTokens = 1_000 } }));
        var run = guard.Run(Alice);
        var step = (ModelStep)(await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(100, 400) })).Subject;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => run.RuleOf(new ModelOutput("") { Step = step, Usage = new(10, 0) }))));

        Assert.InRange(await Used(guard, Alice.TenantAccount!.Value, "tokens"), 10, 200);   // each that was charged, and the 500 came back once
        Assert.Equal(0, (await Used(guard, Alice.TenantAccount!.Value, "tokens")) % 10);
    }

    [Fact]
    public async Task WhatNobodySettlesStaysChargedUntilTheWindowHasPassed()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var guard = Given.Guard(With(new() { Tenant = new() { MaxTokens = 1_000, Window = TimeSpan.FromMinutes(64) } }), time);
        Assert.Equal("passes", await guard.Run(Alice).RuleOf(new ModelStep(Toolset.Empty) { Estimate = new(100, 900) }));
        time.Advance(TimeSpan.FromMinutes(63));
        Assert.Equal("budget/tokens", await guard.Run(Alice).RuleOf(new ModelStep(Toolset.Empty) { Estimate = new(0, 1) }));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("passes", await guard.Run(Alice).RuleOf(new ModelStep(Toolset.Empty) { Estimate = new(100, 900) }));
    }

    [Fact]
    public async Task AnAnswerThatIsBlockedHasCostWhatItHas()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxTokens = 1_000 } }), more: static builder => builder.AddGuard(new Discreet()));
        var run = guard.Run(Alice);
        var step = (ModelStep)(await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(100, 400) })).Subject;

        Assert.Equal("test/secret", await run.RuleOf(new ModelOutput("secret") { Step = step, Usage = new(100, 50) }));
        Assert.Equal(500, await Used(guard, Alice.TenantAccount!.Value, "tokens"));   // not yet settled
        Assert.Equal("passes", await run.RuleOf(new ModelOutput("") { Step = step, Usage = new(100, 50) }));
        Assert.Equal(150, await Used(guard, Alice.TenantAccount!.Value, "tokens"));
    }

    [Fact]
    public async Task AJudgeCountsOnEveryLevel()
    {
        var judge = new Judging.FakeJudge(JudgeVerdict.Approve) { Estimated = new(300, 100) };
        var guard = Given.Guard(With(new() { Tenant = new() { MaxTokens = 1_000 }, Run = new() { MaxTokens = 1_000 } }) with { Judge = new() }, more: builder => builder.UseJudge(judge));
        var run = await Opened(guard.Run(Alice));

        var (refusal, made) = await guard.Pipeline.ReserveAsync(Helper.Judge, new(300, 100), run, Given.Cancel);
        Assert.Null(refusal);
        Assert.Equal(400, await Used(guard, Alice.TenantAccount!.Value, "tokens"));
        await guard.Pipeline.SettleAsync(made, new(300, 100), new(200, 50), run, Given.Cancel);
        Assert.Equal(250, await Used(guard, Alice.TenantAccount!.Value, "tokens"));
        Assert.Equal(250, (await guard.Sessions.GetAsync(Alice, Given.Cancel)).Run(run.Id)!.Spent!.Tokens);
        (refusal, _) = await guard.Pipeline.ReserveAsync(Helper.Judge, new(700, 100), run, Given.Cancel);
        Assert.Equal("budget/tokens", refusal!.Rule);
        Assert.Equal(250, await Used(guard, Alice.TenantAccount!.Value, "tokens"));
    }

    /// <summary>Lets no answer out that says it.</summary>
    private sealed class Discreet : IGuard<ModelOutput>
    {
        public ValueTask<Verdict> InspectAsync(ModelOutput subject, GuardContext context, CancellationToken cancellationToken) =>
            new(subject.Text == "secret" ? Verdict.Of(new Finding("test/secret", Decision.Block, 1)) : Verdict.None);
    }
}
