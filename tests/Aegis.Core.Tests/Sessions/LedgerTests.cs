using Aegis.Policies;
using Aegis.Tools;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Sessions;

public class LedgerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SessionId Session = new("s");
    private static readonly RunLimits Limits = new(5, 1.0, TimeSpan.FromMinutes(10), 2, 3, Budget("runs", 2, BudgetMeter.Runs), []);

    // Windowed budgets

    /// <summary>P33: over several accounts, with clocks that jump and calls that are given back.</summary>
    [Fact]
    public void NoClockGrantsAnythingOnAnyLevel() =>
        Gen.Select(Gen.Long[1, 12].Array[3], Gen.Select(Gen.Double[-0.5, 0.4], Gen.Bool).Array[1, 120]).Sample(static (max, history) =>
        {
            Budget[] budgets = [.. max.Select(static (most, i) => Budget($"level{i}", (int)most))];
            var states = Enumerable.Repeat(SessionState.Empty, 3).ToArray();
            var (now, latest, granted) = (Now, Enumerable.Repeat(DateTimeOffset.UnixEpoch, 3).ToArray(), new List<DateTimeOffset>[] { [], [], [] });
            foreach (var (move, isRefusedElsewhere) in history)
            {
                now += budgets[0].Window * move;
                AccountCharge?[][] charges = [.. budgets.Select(static budget => new AccountCharge?[] { new(null!, Session) { Spends = [new(budget, 1)] } })];
                var results = states.Select((state, i) => Ledger.SpendElsewhere(state, charges[i], now)).ToArray();
                var isGranted = Array.TrueForAll(results, static result => result.Refused is null) && !isRefusedElsewhere;
                for (var i = 0; i < states.Length; i++)
                {
                    states[i] = isGranted || results[i].Refused is not null ? results[i].State : Ledger.Undo(results[i].State, charges[i], now, now);
                    if (results[i].Refused is null)
                    {
                        latest[i] = now > latest[i] ? now : latest[i];   // what a clock that jumped back spends is spent when something was set aside last, given back or not
                        granted[i].AddRange(isGranted ? [latest[i]] : []);
                    }

                    Assert.True(granted[i].Count(at => at > latest[i] - budgets[0].Window) <= max[i]);
                }
            }
        }, iter: 3_000);

    [Fact]
    public void ABudgetIsSpentExactly() => Gen.Select(Gen.Int[0, 20], Gen.Int[1, 4].Array[1, 40]).Sample(static (max, amounts) =>
    {
        var (state, spent, budget) = (SessionState.Empty, 0, Budget("b", max));
        foreach (var amount in amounts)
        {
            (state, var refusal) = Ledger.Apply(state, Charge([new(budget, amount)]));
            Assert.Equal(spent + amount > max, refusal is not null);
            spent += refusal is null ? amount : 0;
            Assert.Equal(spent, state.Used(budget, Now));
        }
    }, iter: 1_000);

    [Fact]
    public void EitherAllChargesOfAResponseApplyOrNone() => Gen.Select(Gen.Int[0, 8], Gen.Int[0, 8], Gen.Int[0, 2].Array[1, 12]).Sample(static (maxA, maxB, which) =>
    {
        Budget a = Budget("a", maxA), b = Budget("b", maxB);
        Charge[] charges = [.. which.Select((kind, i) => Charge(kind == 0 ? [new(a, 1)] : kind == 1 ? [new(b, 1)] : [new(a, 1), new(b, 1)], call: (ulong)i + 1))];
        var needsA = which.Count(static kind => kind != 1);
        var needsB = which.Count(static kind => kind != 0);

        var (state, refused) = Ledger.Apply(SessionState.Empty, charges);

        Assert.Equal(needsA > maxA || needsB > maxB, refused is not null);
        if (refused is var (index, finding))
        {
            Assert.Same(SessionState.Empty, state);
            Assert.Equal(Decision.Block, finding.Decision);
            Assert.Null(Ledger.Apply(SessionState.Empty, charges.AsSpan(0, index)).Refused);   // it is the first that does not fit
        }
        else
        {
            Assert.Equal((needsA, needsB), (state.Used(a, Now), state.Used(b, Now)));
        }
    }, iter: 2_000);

    [Fact]
    public void SharedWindowsAreSpentAllOrNotAtAll()
    {
        var budget = Budget("b", 2);
        Charge[] charges = [Charge([new(budget, 1)]), Charge([new(budget, 1)]), Charge([new(budget, 1)])];

        var (state, refused) = Ledger.SpendOnly(SessionState.Empty, charges);

        Assert.Equal(2, refused!.Value.Index);
        Assert.Same(SessionState.Empty, state);
        Assert.Equal(2, Ledger.SpendOnly(SessionState.Empty, charges.AsSpan(0, 2)).State.Used(budget, Now));
    }

    [Fact]
    public void APreviewRefusesWhatApplyingWouldRefuse() => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 6]).Sample(static (max, tries) =>
    {
        var (state, budget) = (SessionState.Empty, Budget("b", max));
        (state, _) = Ledger.Apply(state, Charge(null));
        for (var i = 0; i < tries; i++)
        {
            var charge = Charge([new(budget, 1)], call: 7);
            var preview = Ledger.Preview(state, charge);
            (state, var refusal) = Ledger.Apply(state, charge);
            Assert.Equal(preview?.Rule, refusal?.Rule);
        }
    });

    [Fact]
    public void APostPaidBudgetIsChargedBeyondItsMaximumAndThenRefuses()
    {
        var tokens = Budget("tokens", 100, BudgetMeter.Tokens);
        var (state, charged) = Ledger.Apply(SessionState.Empty, Charge([new(tokens, 250)]));
        var (_, next) = Ledger.Apply(state, Charge([new(tokens, 0)]));

        Assert.Null(charged);
        Assert.Equal(250, state.Used(tokens, Now));
        Assert.Equal(("tokens", RunEnd.Now), (next!.Rule, next.Ends));
    }

    [Fact]
    public void MonitorModeRecordsWhatItDoesNotRefuse()
    {
        var budget = Budget("b", 1);
        var state = SessionState.Empty;
        for (var i = 0; i < 3; i++)
        {
            (state, var refusal) = Ledger.Apply(state, Charge([new(budget, 1)]) with { NeverRefuse = true });
            Assert.Null(refusal);
        }

        Assert.Equal(3, state.Used(budget, Now));
    }

    [Fact]
    public void ALockRefusesAtTheCommit()
    {
        var locked = SessionState.Empty with { Lock = new(SessionLockKind.Banned, Now.AddMinutes(1)) };

        Assert.Equal("session/banned", Ledger.Apply(locked, Charge(null)).Refusal!.Rule);
        Assert.Null(Ledger.Apply(locked, Charge(null) with { Now = Now.AddMinutes(1) }).Refusal);
    }

    // Runs

    [Fact]
    public void StepsRiskAndWindowsNeverGoDownWithinARun() => Gen.Select(Gen.Int[0, 5], Gen.Double[0, 0.5], Gen.Int[0, 60]).Array[1, 60].Sample(static moves =>
    {
        var (state, now, steps, risk) = (SessionState.Empty, Now, 0, 0.0);
        foreach (var (kind, flagged, seconds) in moves)
        {
            now += TimeSpan.FromSeconds(seconds) / 10;
            var charge = Charge(null) with { Now = now, Risk = flagged };
            (state, _) = Ledger.Apply(state, kind switch
            {
                0 => charge with { Advances = true },
                1 or 2 => charge with { Step = true },
                3 => charge with { Advances = true, Call = 1 + ((ulong)seconds % 3) },
                4 => charge with { Call = 1 + ((ulong)seconds % 3), Result = 9 },
                _ => charge with { Closing = seconds == 0 },
            });
            if (state.Run(charge.Run.Id) is { } run)
            {
                Assert.True(run.Steps >= steps && run.Risk >= risk);
                Assert.True(run.Steps <= Limits.MaxSteps);
                (steps, risk) = (run.Steps, run.Risk);
            }
        }
    }, iter: 2_000);

    [Fact]
    public async Task ARunEndsAfterItsStepsWithOneClosingStepWithoutTools()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxSteps = 3 } });
        var run = guard.Run(Session);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("passes", await run.Step());
            Assert.Equal("passes", await run.RuleOf(guard.Call("get", i)));
        }

        var spent = await run.InspectAsync(new ModelStep(guard.Tools("get")));
        var closing = await run.InspectAsync(new ModelStep(guard.Tools("get")) { Closing = true });

        Assert.Equal(("budget/steps", RunEnd.Gracefully), (spent.Verdict.Rule, spent.Ends));
        Assert.True(closing.MayProceed);
        Assert.Empty(((ModelStep)closing.Subject).Tools.Tools);
        Assert.Equal("budget/closed", await run.RuleOf(new ModelStep(Toolset.Empty) { Closing = true }));
        Assert.Equal("budget/closed", await run.RuleOf(guard.Call("get", 99)));
        Assert.Equal("passes", await guard.Run(Session).Step());   // the next turn has steps of its own
    }

    [Fact]
    public async Task TheLargestRiskOfEachStepAddsUpToTheRiskBudget()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { RiskBudget = 1.2 } }, more: static builder => builder.AddGuard(new FlagsByText()));
        var run = guard.Run(Session);
        foreach (var risk in (string[])["0.4", "0.6", "0.05"])
        {
            await run.InspectAsync(new UserInput(risk));
        }

        Assert.Equal("passes", await run.Step());                                    // 0.6: the largest, not the sum
        await run.InspectAsync(new ToolResult("get", "0.09"));
        Assert.Equal("passes", await run.Step());                                    // below 0.1 nothing
        await run.InspectAsync(new ToolResult("get", "0.7"));
        Assert.Equal("passes", await run.Step());                                    // 1.3
        var state = await guard.Sessions.GetAsync(Session, Given.Cancel);

        Assert.Equal(1.3, state.Run(run.Id)!.Risk, 9);
        Assert.Equal("budget/risk", await run.RuleOf(new ModelStep(Toolset.Empty)));
        Assert.Equal("budget/risk", await run.RuleOf(guard.Call("get")));
    }

    [Fact]
    public async Task ARunEndsWhenItsTimeIsUp()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxDuration = TimeSpan.FromMinutes(1) } }, time);
        var run = guard.Run(Session);

        Assert.Equal("passes", await run.Step());
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("passes", await run.Step());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("budget/duration", await run.Step());
        Assert.Equal("budget/duration", await run.RuleOf(new ModelStep(Toolset.Empty) { Closing = true }));

        await guard.Run(Session).Step();   // another run clears away what has expired, and still it does not begin anew
        Assert.Equal("budget/duration", await run.RuleOf(guard.Call("get")));
    }

    [Fact]
    public async Task TheSameCallWithTheSameResultRunsThreeTimes()
    {
        var guard = Given.Guard(Given.Open);
        var run = guard.Run(Session);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("passes", await CallAndAnswer(run, "get", 1, "same"));
        }

        Assert.Equal("loop/repeated-call", await run.RuleOf(guard.Call("get", 1)));
        Assert.Equal("passes", await run.RuleOf(guard.Call("get", 2)));
        Assert.Equal("passes", await guard.Run(Session).RuleOf(guard.Call("get", 1)));
    }

    [Fact]
    public async Task ACallWhoseResultChangesMayGoOn()
    {
        var guard = Given.Guard(Given.Open);
        var run = guard.Run(Session);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal("passes", await CallAndAnswer(run, "get", 1, $"{i}"));
        }
    }

    [Fact]
    public async Task ACycleOverTwoCallsIsCaught()
    {
        var guard = Given.Guard(Given.Open);
        var run = guard.Run(Session);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("passes", await CallAndAnswer(run, i % 2 == 0 ? "get" : "list", 1, "same"));
        }

        Assert.Equal("loop/repeated-call", await run.RuleOf(guard.Call("get", 1)));
        Assert.Equal("loop/repeated-call", await run.RuleOf(guard.Call("list", 1)));
    }

    [Fact]
    public async Task ParallelIdenticalCallsShareTheLimitOfRepeats()
    {
        var guard = Given.Guard(Given.Open);
        var run = guard.Run(Session);
        var rules = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => run.RuleOf(guard.Call("get", 1)))));

        Assert.Equal(3, rules.Count(static rule => rule == "passes"));
    }

    [Fact]
    public async Task ParentsPayForTheirChildren()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxSteps = 4 } });
        var parent = guard.Run(Session);
        await parent.Step();
        AegisRun first = guard.Run(Session, parent), second = guard.Run(Session, parent);
        Assert.Equal("passes", await first.Step());
        Assert.Equal("passes", await second.Step());
        Assert.Equal("passes", await first.Step());
        var state = await guard.Sessions.GetAsync(Session, Given.Cancel);

        Assert.Equal((4, 2, 1), (state.Run(parent.Id)!.Steps, state.Run(first.Id)!.Steps, state.Run(second.Id)!.Steps));
        Assert.All([await parent.Step(), await first.Step(), await second.Step()], static rule => Assert.Equal("budget/steps", rule));
    }

    [Fact]
    public async Task AChildInAnotherSessionSpendsItsParentsStepsToo()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxSteps = 2 } });
        var parent = guard.Run(Session);
        Assert.Equal("passes", await parent.Step());
        Assert.Equal("passes", await guard.Run(new SessionId("other"), parent).Step());
        Assert.Equal("budget/steps", await guard.Run(new SessionId("third"), parent).Step());
        Assert.Equal("budget/steps", await parent.Step());
    }

    [Fact]
    public async Task ConcurrentChildrenSpendTheirParentsStepsExactly()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxSteps = 10 } });
        var parent = guard.Run(Session);
        await parent.RuleOf(new ModelStep(Toolset.Empty));   // a parent has an account before it has children
        var children = Enumerable.Range(0, 20).Select(_ => guard.Run(Session, parent)).ToArray();
        var rules = await Task.WhenAll(children.SelectMany(child => Enumerable.Range(0, 25).Select(_ => Task.Run(() => child.RuleOf(new ModelOutput("") { Calls = 1 })))));
        var state = await guard.Sessions.GetAsync(Session, Given.Cancel);

        Assert.Equal(10, rules.Count(static rule => rule == "passes"));
        Assert.Equal(10, state.Run(parent.Id)!.Steps);
        Assert.Equal(10, children.Sum(child => state.Run(child.Id)?.Steps ?? 0));
    }

    [Fact]
    public async Task SubAgentsGoNoDeeperThanThePolicySays()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxDepth = 2 } });
        var run = guard.Run(Session);
        for (var depth = 0; depth <= 2; depth++)
        {
            Assert.Equal("passes", await run.Step());
            run = guard.Run(Session, run);
        }

        Assert.Equal("budget/depth", await run.Step());
        Assert.Equal("budget/depth", await guard.Run(new SessionId("elsewhere"), run).Step());
    }

    [Fact]
    public async Task ASessionHasSoManyRunsAtOnce()
    {
        var guard = Given.Guard(Given.Open);
        var runs = Enumerable.Range(0, SessionState.MaxRuns).Select(_ => guard.Run(Session)).ToArray();
        foreach (var run in runs)
        {
            Assert.Equal("passes", await run.Step());
        }

        var late = guard.Run(Session);
        Assert.Equal("budget/concurrent-runs", await late.Step());
        await guard.Pipeline.EndAsync(runs[7], Given.Cancel);
        Assert.Equal("passes", await late.Step());
    }

    [Fact]
    public async Task MonitorModeRemembersABoundedNumberOfRuns()
    {
        var guard = Given.Guard(Given.Open with { Mode = PolicyMode.Monitor });
        for (var i = 0; i < SessionState.MaxRuns + 20; i++)
        {
            Assert.Equal("passes", await guard.Run(Session).Step());
        }

        Assert.Equal(SessionState.MaxRuns, (await guard.Sessions.GetAsync(Session, Given.Cancel)).Runs.Length);
    }

    [Fact]
    public async Task MessagesStartOnlySoManyRunsAndTheHostAsManyAsItLikes()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxRunsPerWindow = new(2, TimeSpan.FromMinutes(1)) } }, time);

        Assert.Equal("passes", await guard.Run(Session, byMessages: true).Step());
        Assert.Equal("passes", await guard.Run(Session, byMessages: true).Step());
        Assert.Equal("budget/runs", await guard.Run(Session, byMessages: true).Step());
        Assert.Equal("passes", await guard.Run(Session).Step());
        Assert.Equal("passes", await guard.Run(new SessionId("other"), byMessages: true).Step());
        time.Advance(TimeSpan.FromMinutes(1.1));
        Assert.Equal("passes", await guard.Run(Session, byMessages: true).Step());
    }

    // Approvals

    [Fact]
    public void AQuestionIsTakenOnce()
    {
        var approval = new PendingApproval("r", [1, 2], "p", Now.AddMinutes(5));
        var (state, added) = Ledger.Ask(SessionState.Empty, [approval], Now, capacity: 1);

        Assert.True(added);
        Assert.False(Ledger.Ask(state, [approval with { RequestId = "q" }], Now, capacity: 1).Added);
        Assert.True(Ledger.Ask(state, [approval with { RequestId = "q" }], Now.AddMinutes(5), capacity: 1).Added);
        Assert.Null(Ledger.Answer(state, "q").Taken);
        Assert.Null(Ledger.Answer(state, "").Taken);
        var (answered, taken) = Ledger.Answer(state, "r");
        Assert.Equal(approval, taken);
        Assert.Null(Ledger.Answer(answered, "r").Taken);
    }

    [Fact]
    public void TheQuestionsOfAStepAreAddedTogetherOrNotAtAll()
    {
        var (first, second) = (new PendingApproval("1", [1], "p", Now.AddMinutes(5)), new PendingApproval("2", [2], "p", Now.AddMinutes(5)));
        var (state, added) = Ledger.Ask(SessionState.Empty, [first, second], Now, capacity: 1);
        Assert.Equal((false, SessionState.Empty), (added, state));
        Assert.Equal(["1", "2"], Ledger.Ask(SessionState.Empty, [first, second], Now, capacity: 2).State.Pending.Select(static pending => pending.RequestId));
    }

    private static async Task<string> CallAndAnswer(AegisRun run, string tool, int argument, string result)
    {
        var call = run.Guard.Call(tool, argument);
        var rule = await run.RuleOf(call);
        return rule == "passes" ? await run.RuleOf(new ToolResult(tool, result) { CallHash = call.Arguments.CallHash(tool) }) : rule;
    }

    private static Budget Budget(string key, long max, BudgetMeter meter = BudgetMeter.ToolCalls) => new(key, "", key, meter, max, TimeSpan.FromMinutes(1));

    private static Charge Charge(Spend[]? spends, ulong call = 0) => new()
    {
        Now = Now,
        Run = new(new(1), default, Now, 0, StartedByMessages: false, 0),
        Limits = Limits,
        Spends = spends,
        Advances = call != 0,
        Call = call,
    };

    private sealed class FlagsByText : IGuard<TextSubject>
    {
        public ValueTask<Verdict> InspectAsync(TextSubject subject, GuardContext context, CancellationToken cancellationToken) =>
            new(double.TryParse(subject.Text, System.Globalization.CultureInfo.InvariantCulture, out var risk) ? Verdict.Of(new Finding("test/flag", Decision.Flag, risk)) : Verdict.None);
    }
}
