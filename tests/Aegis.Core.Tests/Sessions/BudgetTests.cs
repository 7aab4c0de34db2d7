using Aegis.Policies;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Sessions;

/// <summary>Limits are exact whatever runs at once.</summary>
public class BudgetTests
{
    private const int Limit = 20;
    private const string Sandbox = "hosted:code_interpreter";

    private static readonly DenialOfWalletPolicy Ample = new() { MaxOperations = 1_000_000, MaxToolCalls = 1_000_000, MaxSandboxTriggers = 1_000_000 };

    public static TheoryData<string, string> Limits => new()
    {
        { "tool", "limit/send_mail" },
        { "glob", "limit/send_*" },
        { "wallet tool calls", "wallet/tool-calls" },
        { "wallet operations", "wallet/operations" },
        { "wallet sandbox", "wallet/sandbox-triggers" },
    };

    [Theory, MemberData(nameof(Limits))]
    public async Task OfFiftyTimesTheLimitExactlyTheLimitPasses(string what, string rule)
    {
        var (policy, tools) = Case(what);
        var guard = Given.Guard(policy);
        var offered = guard.Tools(tools);
        var session = new SessionId("s");

        var rules = await TriesAtOnce(i => guard.RuleOf(new ToolCall(tools[i % tools.Length], Given.Arguments(("i", i))) { Tools = offered }, session));

        Assert.Equal(Limit, rules["passes"]);
        Assert.Equal(49 * Limit, rules[rule]);
    }

    [Theory, MemberData(nameof(Limits))]
    public async Task RunsThatNobodyNamesShareTheWindowsOfTheGuard(string what, string rule)
    {
        var (policy, tools) = Case(what);
        var guard = Given.Guard(policy);
        var offered = guard.Tools(tools);

        var rules = await TriesAtOnce(i => guard.Run(session: null).RuleOf(new ToolCall(tools[i % tools.Length], Given.Arguments(("i", i))) { Tools = offered }));

        Assert.Equal(Limit, rules["passes"]);
        Assert.Equal(49 * Limit, rules[rule]);
    }

    [Fact]
    public async Task SessionsAndGuardsDoNotShareLimits()
    {
        var store = new MemorySessionStore();
        var policy = Given.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(1, TimeSpan.FromHours(1)) } };
        var (guard, other) = (Given.Guard(policy, store: store), Given.Guard(policy, store: store));

        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", 1), new("a")));
        Assert.Equal("limit/get", await guard.RuleOf(guard.Call("get", 2), new("a")));
        Assert.Equal("limit/get", await other.RuleOf(guard.Call("get", 3), new("a")));            // one session, whoever guards it
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", 4), new("b")));
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", 5), new("a", principal: "p")));
        Assert.Equal("passes", await guard.Run(null).RuleOf(guard.Call("get", 6)));
        Assert.Equal("limit/get", await guard.Run(null).RuleOf(guard.Call("get", 7)));
        Assert.Equal("passes", await other.Run(null).RuleOf(guard.Call("get", 8)));
    }

    [Fact]
    public async Task WhatIsRefusedSpendsNothing()
    {
        var guard = Given.Guard(Given.Open with
        {
            Capabilities = new() { Allow = ["get"] },
            DenialOfWallet = Ample with { MaxToolCalls = 2 },
            Limits = new Dictionary<string, RateLimit> { ["get"] = new(1, TimeSpan.FromHours(1)) },
        });
        var session = new SessionId("s");
        Assert.Equal("capability/not-allowed", await guard.RuleOf(guard.Call("drop"), session));
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", 1), session));
        Assert.Equal("limit/get", await guard.RuleOf(guard.Call("get", 2), session));
        var state = await guard.Sessions.GetAsync(session, Given.Cancel);

        Assert.All(state.Meters, static meter => Assert.Equal(1, meter.Count));
        Assert.Equal(3, state.Meters.Length);
    }

    [Fact]
    public async Task AWindowGrantsAgainWhenItHasPassed()
    {
        var time = new FakeTimeProvider();
        var guard = Given.Guard(Given.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(1, TimeSpan.FromSeconds(64)) } }, time);
        var session = new SessionId("s");
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", 1), session));
        time.Advance(TimeSpan.FromSeconds(63));
        Assert.Equal("limit/get", await guard.RuleOf(guard.Call("get", 2), session));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get", 3), session));
    }

    [Fact]
    public void TokensAreExceededByTheResponseInFlightAtMost()
    {
        var run = Given.Guard(Given.Open).Run(null);
        Gen.Select(Gen.Long[0, 2_000], Gen.Select(Gen.Long[0, 500], Gen.Long[0, 500]).Array[1, 30]).Sample((max, responses) =>
        {
            var compiled = PolicyCompiler.Compile(Given.Open with { DenialOfWallet = Ample with { MaxTokens = max } }, [], []);
            ExceedsByTheLastAtMost(compiled, compiled.Tokens!, max, run, responses, static usage => usage.Total);
        }, iter: 500);
    }

    [Fact]
    public void CostIsExceededByTheResponseInFlightAtMost()
    {
        var run = Given.Guard(Given.Open).Run(null);
        var prices = new Dictionary<string, ModelPrice> { ["*"] = new(20, 80) };
        Gen.Select(Gen.Int[0, 50], Gen.Select(Gen.Long[0, 500], Gen.Long[0, 500]).Array[1, 30]).Sample((cents, responses) =>
        {
            var compiled = PolicyCompiler.Compile(Given.Open with { DenialOfWallet = Ample with { MaxCost = cents / 100m, Prices = prices } }, [], []);
            ExceedsByTheLastAtMost(compiled, compiled.Cost!, cents * 10_000L, run, responses, static usage => (20 * usage.Input) + (80 * usage.Output));
        }, iter: 500);
    }

    [Theory, InlineData("tokens"), InlineData("cost")]
    public async Task ResponsesInFlightAreChargedAndWhatComesNextIsRefused(string what)
    {
        var prices = new Dictionary<string, ModelPrice> { ["*"] = new(1, 1) };
        var guard = Given.Guard(Given.Open with { DenialOfWallet = what == "tokens" ? Ample with { MaxTokens = 1_000 } : Ample with { MaxCost = 0.001m, Prices = prices } });
        var session = new SessionId("s");
        var step = new ModelStep(guard.Tools("get"));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("passes", await guard.RuleOf(step, session));   // four at once
        }

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("passes", await guard.RuleOf(new ModelOutput("") { Usage = new(300, 100) }, session));
        }

        Assert.Equal($"wallet/{what}", await guard.RuleOf(step, session));
        Assert.Equal($"wallet/{what}", await guard.RuleOf(guard.Call("get"), session));
        Assert.Equal("passes", await guard.RuleOf(step, new("another")));
    }

    [Fact]
    public async Task WhatAProviderReportsCannotPayBackOrOverflow()
    {
        var prices = new Dictionary<string, ModelPrice> { ["*"] = new(1_000_000, 1_000_000) };
        var guard = Given.Guard(Given.Open with { DenialOfWallet = Ample with { MaxTokens = 1_000, MaxCost = 1_000_000, Prices = prices } });
        var session = new SessionId("s");
        await guard.RuleOf(new ModelOutput("") { Usage = new(400, 0) }, session);
        await guard.RuleOf(new ModelOutput("") { Usage = new(-900, 100) }, session);
        await guard.RuleOf(new ModelOutput("") { Usage = new(long.MinValue, -1) }, session);
        var state = await guard.Sessions.GetAsync(session, Given.Cancel);

        Assert.Equal(500, state.Used(guard.Pipeline.Policy.Tokens!, guard.Now));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("passes", await guard.RuleOf(new ModelOutput("") { Usage = new(long.MaxValue, long.MaxValue) }, session));
            Assert.Equal("wallet/tokens", await guard.RuleOf(new ModelStep(guard.Tools("get")), session));
        }
    }

    private static void ExceedsByTheLastAtMost(CompiledPolicy compiled, Budget budget, long max, AegisRun run, (long Input, long Output)[] responses, Func<TokenUsage, long> amount)
    {
        var (state, total, last, now) = (SessionState.Empty, 0L, 0L, run.Ticket.Started);
        foreach (var (input, output) in responses)
        {
            if (Ledger.Preview(state, compiled.ChargeFor(new ModelStep(Aegis.Tools.Toolset.Empty), run, now)) is not null)
            {
                Assert.True(total >= max);
                break;
            }

            Assert.True(total < max);
            var usage = new TokenUsage(input, output, "some-model");
            (state, var refusal) = Ledger.Apply(state, compiled.ChargeFor(new ModelOutput("") { Usage = usage }, run, now));
            Assert.Null(refusal);
            last = amount(usage);
            total += last;
        }

        Assert.Equal(total, state.Used(budget, now));
        Assert.True(total == 0 || total - last < max);
    }

    private static (AegisPolicy Policy, string[] Tools) Case(string what) => what switch
    {
        "tool" => (Given.Open with { Limits = PerHour("send_mail") }, ["send_mail"]),
        "glob" => (Given.Open with { Limits = PerHour("send_*") }, ["send_mail", "send_text"]),
        "wallet tool calls" => (Given.Open with { DenialOfWallet = Ample with { MaxToolCalls = Limit } }, ["get", "list", Sandbox]),
        "wallet operations" => (Given.Open with { DenialOfWallet = Ample with { MaxOperations = Limit } }, ["get", "list", Sandbox]),
        _ => (Given.Open with { DenialOfWallet = Ample with { MaxSandboxTriggers = Limit } }, [Sandbox]),
    };

    private static Dictionary<string, RateLimit> PerHour(string glob) => new() { [glob] = new(Limit, TimeSpan.FromHours(1)) };

    private static async Task<Dictionary<string, int>> TriesAtOnce(Func<int, Task<string>> attempt)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tries = Enumerable.Range(0, 50 * Limit).Select(async i =>
        {
            await gate.Task;
            return await attempt(i);
        }).ToArray();
        gate.SetResult();
        return (await Task.WhenAll(tries)).CountBy(static rule => rule).ToDictionary();
    }
}
