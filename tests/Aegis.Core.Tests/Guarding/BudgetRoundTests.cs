using System.Collections.Concurrent;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Guarding;

/// <summary>P22: budgets of every level are exact, whatever runs at once, and what one level refuses is charged on none.</summary>
public class BudgetRoundTests
{
    private const int Limit = 20;

    private static readonly AgentLoopPolicy Ample = new() { MaxSteps = 1_000_000, MaxRunsPerWindow = new(1_000_000, TimeSpan.FromHours(1)), RepeatedCalls = 1_000_000 };

    private static AegisPolicy With(BudgetsPolicy budgets) => Given.Open with { AgentLoop = Ample, Budgets = budgets };

    public static TheoryData<string> Levels => ["tenant", "principal", "session", "guard", "run", "subAgent"];

    [Theory, MemberData(nameof(Levels))]
    public async Task OfFiftyTimesTheBudgetExactlyTheBudgetPasses(string level)
    {
        var guard = Given.Guard(With(Only(level, Limit)));
        var run = guard.Run(new("shared", "alice", "acme"));
        var agent = guard.Run(run.Session, run);
        Assert.Equal("passes", await agent.RuleOf(new ModelStep(Toolset.Empty)));

        var rules = await AtOnce(50 * Limit, i => (level switch
        {
            "tenant" => guard.Run(new($"s{i}", $"user{i}", "acme")),
            "principal" => guard.Run(new($"s{i}", "alice", "acme")),
            "session" => guard.Run(new("shared", "alice", "acme")),
            "guard" => guard.Run(null),
            "run" => run,
            _ => agent,
        }).RuleOf(guard.Call("get", i)));

        Assert.Equal(Limit, rules["passes"]);
        Assert.Equal(49 * Limit, rules["budget/tool-calls"]);
    }

    [Fact]
    public async Task AThousandAgentsOnOneTenantOvershootNothing()
    {
        const long MaxTokens = 40_000;
        const int MaxCalls = 100;
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = MaxCalls, MaxTokens = MaxTokens } }));
        var (calls, tokens, refused) = (0, 0L, new ConcurrentDictionary<string, int>());

        await AtOnce(1_000, WorkAsync);
        Assert.InRange(tokens, 1, MaxTokens);
        for (var i = 1_000; await WorkAsync(i) is not "budget/tokens"; i++)
        {
            // What had been set aside is there for others now.
        }

        Assert.InRange(tokens, MaxTokens - 200, MaxTokens);   // all of it, and not one more
        Assert.Equal(MaxCalls, calls);
        Assert.Equal((tokens, calls), (await Used(guard, "acme", "tokens"), (int)await Used(guard, "acme", "tool-calls")));
        Assert.Equal(["budget/tokens"], refused.Keys);

        async Task<string> WorkAsync(int i)
        {
            var run = guard.Run(new($"session{i}", $"user{i % 100}", "acme"));
            var step = await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(100, 100) });
            if (!step.MayProceed)
            {
                refused[step.Verdict.Rule!] = 1;
                return step.Verdict.Rule!;
            }

            await Task.Yield();
            var usage = new TokenUsage(100, i % 101);
            Interlocked.Add(ref tokens, usage.Total);
            Assert.Equal("passes", await run.RuleOf(new ModelOutput("") { Step = (ModelStep)step.Subject, Usage = usage, Calls = 1 }));
            var rule = await run.RuleOf(guard.Call("get", i));
            Interlocked.Add(ref calls, rule == "passes" ? 1 : 0);
            return rule;
        }
    }

    [Fact]
    public async Task WhereNobodySaysHowLongAnAnswerMayBeOneCallExceedsTheBudgetAtMost()
    {
        const long Max = 10_000;
        var guard = Given.Guard(With(new() { Tenant = new() { MaxTokens = Max } }));
        var steps = new ConcurrentBag<(AegisRun Run, ModelStep Step)>();

        var rules = await AtOnce(1_000, async i =>
        {
            var run = guard.Run(new($"session{i}", null, "acme"));
            var step = await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(100, 0) });
            if (step.MayProceed)
            {
                steps.Add((run, (ModelStep)step.Subject));
            }

            return step.MayProceed ? "passes" : step.Verdict.Rule!;
        });

        Assert.Equal(3, rules["passes"]);   // 2 x 4,196 and the one that takes the last of it
        foreach (var (run, step) in steps)
        {
            Assert.Equal("passes", await run.RuleOf(new ModelOutput("") { Step = step, Usage = new(100, Work.AssumedOutput) }));
        }

        Assert.Equal(3 * (100 + Work.AssumedOutput), await Used(guard, "acme", "tokens"));
        Assert.InRange(await Used(guard, "acme", "tokens"), Max, Max + 100 + Work.AssumedOutput);
    }

    /// <summary>A row of calls and answers of some users in some sessions, against sums in a dictionary.</summary>
    [Fact]
    public async Task TheLevelsAreWhatASimpleSumSays()
    {
        var actions = Gen.Select(Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool, Gen.Long[0, 40]).Array[1, 60];
        await Gen.Select(Gen.Long[0, 25].Array[4], Gen.Long[0, 600].Array[4], actions).SampleAsync(static async (most, tokens, row) =>
        {
            var guard = Given.Guard(With(new()
            {
                Tenant = new() { MaxToolCalls = most[0], MaxTokens = tokens[0] },
                Principal = new() { MaxToolCalls = most[1], MaxTokens = tokens[1] },
                Session = new() { MaxToolCalls = most[2], MaxTokens = tokens[2] },
                Run = new() { MaxToolCalls = most[3], MaxTokens = tokens[3] },
            }));
            var (sums, runs, number) = (new Dictionary<string, long>(), new Dictionary<string, AegisRun>(), 0);
            foreach (var (tenant, user, session, isCall, amount) in row)
            {
                var id = new SessionId($"s{session}", $"u{user}", $"t{tenant}");
                string[] accounts = [$"t{tenant}", $"t{tenant}/u{user}", $"t{tenant}/u{user}/s{session}", $"t{tenant}/u{user}/s{session}/run"];
                var run = runs.TryGetValue(accounts[2], out var known) ? known : runs[accounts[2]] = guard.Run(id);
                if (isCall)
                {
                    var fits = accounts.Select((account, i) => sums.GetValueOrDefault(account) < most[i]).All(static fits => fits);
                    Assert.Equal(fits ? "passes" : "budget/tool-calls", await run.RuleOf(guard.Call("get", ++number)));
                    Add("", fits ? 1 : 0);
                }
                else
                {
                    var fits = accounts.Select((account, i) => sums.GetValueOrDefault("#" + account) + amount + 1 <= tokens[i]).All(static fits => fits);
                    var step = await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(amount, 1) });
                    Assert.Equal(fits, step.MayProceed);
                    Add("#", fits ? amount + 1 : 0);
                    if (fits && amount % 2 == 0)
                    {
                        Assert.Equal("passes", await run.RuleOf(new ModelOutput("") { Step = (ModelStep)step.Subject, Usage = new(amount / 2, 0) }));
                        Add("#", (amount / 2) - amount - 1);
                    }
                }

                foreach (var (account, i) in accounts.Select(static (account, i) => (account, i)).Take(3))
                {
                    SessionId at = i == 0 ? id.TenantAccount!.Value : i == 1 ? id.PrincipalAccount!.Value : id;
                    Assert.Equal((sums.GetValueOrDefault(account), sums.GetValueOrDefault("#" + account)), (await Used(guard, at, "tool-calls"), await Used(guard, at, "tokens")));
                }

                void Add(string what, long much) => Array.ForEach(accounts, account => sums[what + account] = sums.GetValueOrDefault(what + account) + much);
            }
        }, iter: Extent.Of(300, 60));
    }

    [Fact]
    public async Task WhatIsRefusedInTheMeantimeIsChargedNowhere()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 50 }, Principal = new() { MaxToolCalls = 17 }, Session = new() { MaxToolCalls = 3 } }), new FakeTimeProvider());
        var passed = new ConcurrentBag<SessionId>();

        await AtOnce(2_000, async i =>
        {
            var session = new SessionId($"s{i % 40}", $"u{i % 5}", "acme");
            var rule = await guard.Run(session).RuleOf(guard.Call("get", i));
            if (rule == "passes")
            {
                passed.Add(session);
            }

            return rule;
        });

        Assert.Equal(passed.Count, await Used(guard, "acme", "tool-calls"));
        Assert.InRange(passed.Count, 1, 50);
        foreach (var session in passed.Distinct())
        {
            Assert.Equal(passed.Count(other => other == session), await Used(guard, session, "tool-calls"));
            Assert.Equal(passed.Count(other => other.PrincipalAccount == session.PrincipalAccount), await Used(guard, session.PrincipalAccount!.Value, "tool-calls"));
        }
    }

    [Fact]
    public async Task CallsOfOneAnswerAreChargedOnEveryLevelOrOnNone()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 5 }, Principal = new() { MaxToolCalls = 100 } }));
        var session = new SessionId("s", "alice", "acme");

        Assert.All(await guard.Pipeline.InspectAllAsync([guard.Call("get", 1), guard.Call("get", 2), guard.Call("get", 3)], guard.Run(session), Given.Cancel), static one => Assert.True(one.MayProceed));
        var second = await guard.Pipeline.InspectAllAsync([guard.Call("get", 4), guard.Call("get", 5), guard.Call("get", 6)], guard.Run(session), Given.Cancel);

        Assert.Equal([null, null, "budget/tool-calls"], second.Select(static one => one.Verdict.Rule));
        Assert.Equal((3, 3), (await Used(guard, "acme", "tool-calls"), await Used(guard, session.PrincipalAccount!.Value, "tool-calls")));
        Assert.Equal("passes", await guard.Run(session).RuleOf(guard.Call("get", 7)));
    }

    [Theory, InlineData(Fault.Throws), InlineData(Fault.Hangs)]
    public async Task AnAccountThatCannotBeReachedRefuses(Fault fault)
    {
        var time = new FakeTimeProvider();
        var tenant = new SessionId("s", "alice", "acme").TenantAccount;
        var store = new AccountStore { Fails = id => id == tenant ? fault : null };
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 5 }, Principal = new() { MaxToolCalls = 5 } }), time, store);
        var session = new SessionId("s", "alice", "acme");

        var inspecting = guard.Run(session).RuleOf(guard.Call("get", 1));
        while (!inspecting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal("session/unavailable", await inspecting);
        Assert.Equal(0, await Used(guard, session.PrincipalAccount!.Value, "tool-calls"));
        Assert.Equal("passes", await guard.Run(new("s", "alice")).RuleOf(guard.Call("get", 2)));   // no tenant, no account of it
    }

    [Theory, InlineData("session"), InlineData("principal")]
    public async Task WhatWasSetAsideIsGivenBackOnceThoughTheAnswerIsLost(string level)
    {
        SessionId? lost = null;
        var session = new SessionId("s", "alice");
        var account = level == "principal" ? session.PrincipalAccount!.Value : session;
        var tokens = new AccountBudgetPolicy { MaxTokens = 10_000 };
        var guard = Given.Guard(With(level == "principal" ? new() { Principal = tokens } : new() { Session = tokens }), store: new AccountStore { LosesAnswerOf = id => id == lost });
        var run = guard.Run(session);
        Assert.Equal("passes", await run.RuleOf(Answer(await StepAsync(5_000), 5_000)));
        var step = await StepAsync(4_900);

        lost = account;
        Assert.Equal("session/unavailable", await run.RuleOf(Answer(step, 100)));
        lost = null;
        Assert.Equal("passes", await run.RuleOf(Answer(step, 100)));   // whatever came of it, it has cost what it has

        Assert.InRange(await Used(guard, account, "tokens"), 5_100, 10_000);

        async Task<ModelStep> StepAsync(long most)
        {
            var asked = await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(0, most) });
            Assert.True(asked.MayProceed);
            return (ModelStep)asked.Subject;
        }

        static ModelOutput Answer(ModelStep step, long used) => new("") { Usage = new(0, used), Settles = [step.Reserved!], Streamed = true };
    }

    [Fact]
    public async Task WhatWasSetAsideIsGivenBackInTheEndWhereTheSessionHasSaidNo()
    {
        var session = new SessionId("s", "alice");
        var guard = Given.Guard(With(new() { Principal = new() { MaxTokens = 10_000 } }));
        var run = guard.Run(session);
        var step = (ModelStep)(await run.InspectAsync(new ModelStep(Toolset.Empty) { Estimate = new(0, 4_900) })).Subject;
        var answer = new ModelOutput("") { Usage = new(0, 100), Settles = [step.Reserved!], Streamed = true };

        await guard.Sessions.BanAsync(session, null, Given.Cancel);
        Assert.Equal("session/banned", await run.RuleOf(answer));
        await guard.Sessions.ReleaseAsync(session, Given.Cancel);
        Assert.Equal("passes", await run.RuleOf(answer));

        Assert.Equal(100, await Used(guard, session.PrincipalAccount!.Value, "tokens"));
    }

    [Fact]
    public async Task WhatTheSessionRefusesIsChargedOnNobody()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 5 }, Session = new() { MaxToolCalls = 5 } }) with { AgentLoop = Ample with { MaxDepth = 0 } });
        var session = new SessionId("s", "alice", "acme");
        var agent = guard.Run(session, guard.Run(session));

        Assert.Equal("budget/depth", await agent.RuleOf(guard.Call("get", 1)));
        Assert.Equal(0, await Used(guard, "acme", "tool-calls"));
        Assert.Equal("budget/depth", await guard.Run(null, guard.Run(null)).RuleOf(guard.Call("get", 2)));
        Assert.Equal(0, await Used(guard, guard.InstanceSession, "tool-calls"));
    }

    [Fact]
    public async Task ACallerWhoGivesUpIsChargedNothing()
    {
        using var source = new CancellationTokenSource();
        var tenant = new SessionId("s", "alice", "acme").TenantAccount;
        var store = new AccountStore { Before = id => { if (id == tenant) { source.Cancel(); } } };
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 5 }, Principal = new() { MaxToolCalls = 5 } }), store: store);
        var session = new SessionId("s", "alice", "acme");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await guard.Pipeline.InspectAsync(guard.Call("get", 1), guard.Run(session), source.Token));
        Assert.Equal((0, 0), (await Used(guard, "acme", "tool-calls"), await Used(guard, session.PrincipalAccount!.Value, "tool-calls")));
    }

    [Fact]
    public async Task WithoutBudgetsNoOtherAccountIsTouched()
    {
        var store = new AccountStore();
        var guard = Given.Guard(Given.Open with { DenialOfWallet = new() }, store: store);
        Assert.Equal("passes", await guard.Run(new("s", "alice", "acme")).RuleOf(guard.Call("get", 1)));
        Assert.Equal([new SessionId("s", "alice", "acme")], store.Updated);
    }

    [Fact]
    public async Task LevelsAreChargedAtOnce()
    {
        var session = new SessionId("s", "alice", "acme");
        var (arrived, both) = (0, new TaskCompletionSource());
        var store = new AccountStore
        {
            Gate = id =>
            {
                if (id == session)
                {
                    return Task.CompletedTask;
                }

                if (Interlocked.Increment(ref arrived) == 2)
                {
                    both.SetResult();
                }

                return both.Task;   // neither goes on before both are there
            },
        };
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 5 }, Principal = new() { MaxToolCalls = 5 } }), store: store);
        Assert.Equal("passes", await guard.Run(session).RuleOf(guard.Call("get", 1)));
    }

    [Fact]
    public async Task InMonitorModeASpentTenantIsFlaggedAndCountedOn()
    {
        var guard = Given.Guard(With(new() { Tenant = new() { MaxToolCalls = 1 } }) with { Mode = PolicyMode.Monitor });
        var session = new SessionId("s", "alice", "acme");
        Assert.Equal(Decision.Allow, (await guard.Run(session).InspectAsync(guard.Call("get", 1))).Decision);
        var second = await guard.Run(session).InspectAsync(guard.Call("get", 2));
        Assert.Equal((Decision.Flag, "budget/tool-calls"), (second.Decision, second.Verdict.Rule));
        Assert.Equal(2, await Used(guard, "acme", "tool-calls"));
    }

    private static BudgetsPolicy Only(string level, long calls) => level switch
    {
        "tenant" => new() { Tenant = new() { MaxToolCalls = calls } },
        "principal" => new() { Principal = new() { MaxToolCalls = calls } },
        "session" or "guard" => new() { Session = new() { MaxToolCalls = calls } },
        "run" => new() { Run = new() { MaxToolCalls = calls } },
        _ => new() { SubAgent = new() { MaxToolCalls = calls } },
    };

    private static Task<long> Used(AegisGuard guard, string tenant, string what) => Used(guard, new SessionId("x", null, tenant).TenantAccount!.Value, what);

    internal static async Task<long> Used(AegisGuard guard, SessionId account, string what) =>
        (await guard.Services.Store.ReadAsync(account, Given.Cancel)).Meters.Where(meter => meter.Key.StartsWith("budget/", StringComparison.Ordinal) && meter.Key.Contains($"/{what}/", StringComparison.Ordinal)).Sum(meter => meter.Used(guard.Now));

    private static async Task<Dictionary<string, int>> AtOnce(int tries, Func<int, Task<string>> attempt)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Enumerable.Range(0, tries).Select(async i =>
        {
            await gate.Task;
            return await attempt(i);
        }).ToArray();
        gate.SetResult();
        return (await Task.WhenAll(running)).CountBy(static rule => rule).ToDictionary();
    }
}
