using Aegis.Policies;
using Aegis.SemanticKernel.Tests.Arrangements;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel.Tests.Promises;

/// <summary>P22 and P23: budgets are exact under contention, and shared by everything that takes part in a run.</summary>
public sealed class BudgetTests
{
    private static readonly int Kernels = Extent.Of(20, 8);

    public static TheoryData<string> All => [.. Arrangement.All.Select(static arrangement => arrangement.ToString())];

    private static Arrangement Of(string name) => Arrangement.All.First(arrangement => arrangement.ToString() == name);

    private static AegisPolicy Limited(int calls) => Some.Policy with
    {
        Limits = new Dictionary<string, RateLimit> { ["Files-*"] = new(calls, TimeSpan.FromHours(1)) },
        AgentLoop = new() { RepeatedCalls = 1_000, MaxSteps = 1_000, MaxRunsPerWindow = new(10_000, TimeSpan.FromHours(1)) },
        DenialOfWallet = null,
    };

    [Theory, MemberData(nameof(All))]
    public async Task ManyKernelsInOneSessionRunExactlyWhatTheLimitAllows(string name)
    {
        var guard = AegisGuard.Create(Limited(10));
        using var scope = AegisScope.Begin("shared");
        var ran = await Task.WhenAll(Enumerable.Range(0, Kernels).Select(_ => CallsAsync(Of(name), guard, static (kernel, step) =>
            step <= 5 ? ScriptedTurn.CallAll([.. Enumerable.Range(0, 5).Select(i => kernel.CallOf("search", $"{step}.{i}", $"{step}.{i}"))]) : ScriptedTurn.Say("done"))));
        Assert.Equal(10, ran.Sum());
    }

    [Theory, MemberData(nameof(All))]
    public async Task ManyKernelsInSessionsOfTheirOwnDoNotBleed(string name)
    {
        var guard = AegisGuard.Create(Limited(3));
        var ran = await Task.WhenAll(Enumerable.Range(0, Kernels).Select(async i =>
        {
            using var scope = AegisScope.Begin($"session-{i}");
            return await CallsAsync(Of(name), guard, static (kernel, step) => step <= 5 ? kernel.Call("search", $"{step}", $"{step}") : ScriptedTurn.Say("done"));
        }));
        Assert.All(ran, static count => Assert.Equal(3, count));
    }

    [Theory, MemberData(nameof(All))]
    public async Task ManyKernelsOfATenantRunExactlyWhatItHas(string name)
    {
        var guard = AegisGuard.Create(Limited(1_000) with { Budgets = new() { Tenant = new() { MaxToolCalls = 10 } } });
        var ran = await Task.WhenAll(Enumerable.Range(0, Kernels).Select(async i =>
        {
            using var scope = AegisScope.Begin($"session-{i}", $"user-{i}", "acme");
            return await CallsAsync(Of(name), guard, static (kernel, step) => step <= 5 ? kernel.Call("search", $"{step}", $"{step}") : ScriptedTurn.Say("done"));
        }));
        Assert.Equal(10, ran.Sum());
    }

    [Theory, MemberData(nameof(All))]
    public async Task AKernelWhoseRunHasSpentItsCallsEndsWithALastWord(string name)
    {
        var arrangement = Of(name);
        var guard = AegisGuard.Create(Limited(1_000) with { Budgets = new() { Run = new() { MaxToolCalls = 2 } } });
        await using var agent = await ArrangedKernel.StartAsync(arrangement, guard, static (kernel, step) => step <= 5 ? kernel.Call("search", $"{step}", $"{step}") : ScriptedTurn.Say("done"));
        agent.Add(agent.Function("search"));
        await agent.AskAsync("go");
        Assert.Equal(2, agent.Ran.Count);
        Assert.InRange(agent.Requests, 3, 4);   // the call that is refused, and what the model says to that
    }

    [Theory, MemberData(nameof(All))]
    public async Task AnAgentInsideAFunctionSharesTheStepsOfItsCaller(string name)
    {
        var policy = Some.Policy with { AgentLoop = new() { MaxSteps = 4, RepeatedCalls = 100 } };
        var guard = AegisGuard.Create(policy);
        await using var inner = await ArrangedKernel.StartAsync(Of(name), guard, static (kernel, step) => step < 30 ? kernel.Call("search", $"{step}", $"i{step}") : ScriptedTurn.Say("done"));
        inner.Add(inner.Function("search"));
        await using var outer = await ArrangedKernel.StartAsync(Of(name), guard, static (kernel, step) => step < 30 ? kernel.Call("read", $"{step}", $"o{step}") : ScriptedTurn.Say("done"));
        outer.Add(outer.Function("read", _ => inner.AskAsync("go on").GetAwaiter().GetResult()));
        await outer.AskAsync("go");
        Assert.InRange(inner.Ran.Count + outer.Ran.Count, 1, 4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AKernelInsideAFunctionOfAChatClientIsItsSubAgent(bool isStreaming)
    {
        var events = new Some.Recorder();
        var policy = Some.Policy with { Capabilities = new() { Allow = ["ask_kernel", "Files-search"] }, AgentLoop = new() { MaxSteps = 3, RepeatedCalls = 100 }, DataFlow = new() { Provenance = ProvenanceMode.Off } };
        var guard = AegisGuard.Create(policy, builder => builder.AddSink(events));
        await using var kernel = await ArrangedKernel.StartAsync(new(Place.Services, isStreaming, Concurrent: false), guard, static (kernel, step) => step < 30 ? kernel.Call("search", $"{step}", $"k{step}") : ScriptedTurn.Say("done"));
        kernel.Add(kernel.Function("search"));
        var ask = AIFunctionFactory.Create(() => kernel.AskAsync("look"), "ask_kernel");
        var client = new ScriptedChatClient(ScriptedTurn.Call("ask_kernel")).AsBuilder().UseAegisFunctionInvocation(guard).Build();
        using (AegisScope.Begin("alice"))
        {
            await client.GetResponseAsync("go", new() { Tools = [ask] });
        }

        Assert.Equal(2, kernel.Ran.Count);   // the third step is the one that asked the kernel
        Assert.Equal(["alice"], events.Events.Select(static e => e.Session.Id).Distinct());
    }

    [Theory, MemberData(nameof(All))]
    public async Task AKernelInsideAToolOfAFunctionLoopHasARunOfItsOwn(string name)
    {
        var events = new Some.Recorder();
        var guard = AegisGuard.Create(Some.Policy with { Capabilities = new() { Allow = ["ask_kernel", "Files-search"] } }, builder => builder.AddSink(events));
        await using var kernel = await ArrangedKernel.StartAsync(Of(name), guard, static (kernel, step) => step == 1 ? ScriptedTurn.CallAll(kernel.CallOf("search", "1", "a"), kernel.CallOf("search", "2", "b")) : ScriptedTurn.Say("done"));
        kernel.Add(kernel.Function("search"));
        var client = new ScriptedChatClient(ScriptedTurn.Call("ask_kernel")).AsBuilder().UseAegis(guard).UseFunctionInvocation().Build();
        await client.GetResponseAsync("go", new() { Tools = [AIFunctionFactory.Create(() => kernel.AskAsync("look"), "ask_kernel")] });
        var calls = events.Events.Where(static e => e.Checkpoint == Checkpoint.ToolArguments).ToList();
        Assert.Equal(3, calls.Count);
        Assert.Equal(2, calls.Select(static e => e.Run).Distinct().Count());
        Assert.Equal(1, calls.Max(static e => e.Steps));   // both calls of the kernel are one step
    }

    [Fact]
    public async Task AChatClientInsideAFunctionOfAKernelIsItsSubAgent()
    {
        var policy = Some.Policy with { Capabilities = new() { Allow = ["Files-read", "dig"] }, AgentLoop = new() { MaxSteps = 3, RepeatedCalls = 100 }, DataFlow = new() { Provenance = ProvenanceMode.Off } };
        var guard = AegisGuard.Create(policy);
        var dug = 0;
        var dig = AIFunctionFactory.Create((int depth) => ++dug, "dig");
        var client = new ScriptedChatClient((_, _) => ScriptedTurn.Call("dig", new { depth = dug })).AsBuilder().UseAegisFunctionInvocation(guard).Build();
        await using var kernel = await ArrangedKernel.StartAsync(new(Place.Services, Streaming: false, Concurrent: false), guard, static (kernel, step) => step == 1 ? kernel.Call("read") : ScriptedTurn.Say("done"));
        kernel.Add(kernel.Function("read", _ => client.GetResponseAsync("dig", new() { Tools = [dig] }).GetAwaiter().GetResult().Text));
        await kernel.AskAsync("go");
        Assert.Equal(2, dug);
    }

    [Theory, MemberData(nameof(All))]
    public async Task AnAgentThatCallsItselfEndsAtTheDepthLimit(string name)
    {
        var guard = AegisGuard.Create(Some.Policy with { AgentLoop = new() { MaxDepth = 2, RepeatedCalls = 100, MaxSteps = 100 } });
        var deepest = 0;
        await AskAsync(0);
        Assert.InRange(deepest, 2, 3);   // a third one begins, and is refused

        async Task<string> AskAsync(int depth)
        {
            deepest = Math.Max(deepest, depth);
            await using var agent = await ArrangedKernel.StartAsync(Of(name), guard, static (kernel, step) => step == 1 ? kernel.Call("read", "deeper") : ScriptedTurn.Say("done"));
            agent.Add(agent.Function("read", _ => depth > 10 ? "too deep" : AskAsync(depth + 1).GetAwaiter().GetResult()));
            return await agent.AskAsync("go");
        }
    }

    [Theory, MemberData(nameof(All))]
    public async Task TheMostDangerousFunctionsGoFirst(string name)
    {
        var arrangement = Of(name);
        var policy = Some.Balanced with { AgentLoop = new() { PrivilegeDecay = new Dictionary<int, double> { [2] = 0.5 }, RepeatedCalls = 100 } };
        await using var agent = await ArrangedKernel.StartAsync(arrangement, AegisGuard.Create(policy), static (kernel, step) => step switch
        {
            1 => kernel.Call("search", "1", "1"),
            2 => kernel.Call("search", "2", "2"),
            3 => kernel.Call("delete_everything", "3", "3"),
            4 => kernel.Call("search", "4", "4"),
            _ => ScriptedTurn.Say("done"),
        });
        agent.Add(agent.Function("search"), agent.Function("delete_everything"));
        await agent.AskAsync("go");
        Assert.DoesNotContain(agent.Ran, static ran => ran.StartsWith("delete", StringComparison.Ordinal));
        Assert.Contains("search 4", agent.Ran);
    }

    [Theory, MemberData(nameof(All))]
    public async Task TokensOfEveryStepAreChargedOnce(string name)
    {
        var arrangement = Of(name);
        var guard = AegisGuard.Create(Some.Policy with { DenialOfWallet = new() { Window = TimeSpan.FromHours(1), MaxTokens = 1_000, MaxOperations = 1_000, MaxToolCalls = 1_000 }, AgentLoop = new() { MaxSteps = 100, RepeatedCalls = 100 } });
        await using var agent = await ArrangedKernel.StartAsync(arrangement, guard, static (kernel, step) =>
            kernel.Call("search", $"{step}", $"{step}") with { Usage = new() { InputTokenCount = 200, OutputTokenCount = 50, TotalTokenCount = 250 } });
        agent.Add(agent.Function("search"));
        if (!arrangement.SeesSteps)
        {
            return;   // a filter is not shown tokens
        }

        await agent.AskAsync("go");
        Assert.InRange(agent.Requests, 4, 5);   // 4 × 250 = 1,000
    }

    private static async Task<int> CallsAsync(Arrangement arrangement, AegisGuard guard, Func<ArrangedKernel, int, ScriptedTurn> script)
    {
        await using var agent = await ArrangedKernel.StartAsync(arrangement, guard, script);
        agent.Add(agent.Function("search"));
        await agent.AskAsync("go");
        return agent.Ran.Count;
    }
}
