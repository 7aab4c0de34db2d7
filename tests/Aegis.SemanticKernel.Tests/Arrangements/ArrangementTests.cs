using Aegis.Policies;
using Aegis.Testing;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel.Tests.Arrangements;

public sealed class ArrangementTests
{
    public static TheoryData<string> All => [.. Arrangement.All.Select(static arrangement => arrangement.ToString())];

    public static TheoryData<string> Streaming => [.. Arrangement.All.Where(static arrangement => arrangement.Streaming).Select(static arrangement => arrangement.ToString())];

    private static Arrangement Of(string name) => Arrangement.All.First(arrangement => arrangement.ToString() == name);

    [Theory, MemberData(nameof(All))]
    public async Task AnAllowedFunctionRunsAndTheModelReadsItsResult(string name)
    {
        await using var agent = await ArrangedKernel.StartAsync(Of(name), AegisGuard.Create(Some.Policy), static (kernel, step) => step == 1 ? kernel.Call("search", "cats") : ScriptedTurn.Say("found"));
        agent.Add(agent.Function("search"));
        Assert.Equal("found", await agent.AskAsync("look"));
        Assert.Equal(["search cats"], agent.Ran);
        Assert.Contains("search did cats", agent.Sent, StringComparison.Ordinal);
        Assert.Equal(2, agent.Requests);
    }

    [Theory, MemberData(nameof(Streaming))]
    public async Task TextIsShownAsItWasSaidOverAllSteps(string name)
    {
        await using var agent = await ArrangedKernel.StartAsync(Of(name), AegisGuard.Create(Some.Policy), static (kernel, step) => step switch
        {
            1 => kernel.Call("search", "cats") with { Text = "I look for ann, " },
            2 => ScriptedTurn.CallAll(kernel.CallOf("search", "1", "a"), kernel.CallOf("search", "2", "b")) with { Text = "and then for bea" },
            _ => ScriptedTurn.Say(": I found both of them"),
        });
        agent.Add(agent.Function("search"));
        Assert.Equal("I look for ann, and then for bea: I found both of them", await agent.AskAsync("look"));
        Assert.Equal(3, agent.Ran.Count);
    }

    [Theory, MemberData(nameof(All))]
    public async Task ADeniedFunctionDoesNotRunAndTheModelGoesOn(string name)
    {
        await using var agent = await ArrangedKernel.StartAsync(Of(name), AegisGuard.Create(Some.Policy), static (kernel, step) => step switch
        {
            1 => ScriptedTurn.CallAll(kernel.CallOf("delete", "all", "a"), kernel.CallOf("search", "cats", "b")),
            2 => kernel.Call("search", "cats", "c"),
            _ => ScriptedTurn.Say("found"),
        });
        agent.Add(agent.Function("search"), agent.Function("delete"));
        Assert.Equal("found", await agent.AskAsync("look"));
        Assert.DoesNotContain(agent.Ran, static ran => ran.StartsWith("delete", StringComparison.Ordinal));
        Assert.Contains(agent.Ran, static ran => ran == "search cats");
        Assert.Contains("capability/not-allowed", agent.Sent, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(All))]
    public async Task APoisonedResultDoesNotReachTheModel(string name)
    {
        await using var agent = await ArrangedKernel.StartAsync(Of(name), AegisGuard.Create(Some.Policy), static (kernel, step) => step == 1 ? kernel.Call("read") : ScriptedTurn.Say("done"));
        agent.Add(agent.Function("read", static _ => Some.Injection));
        await agent.AskAsync("read it");
        Assert.Equal(["read x"], agent.Ran);
        Assert.DoesNotContain("Ignore all previous", agent.Sent, StringComparison.Ordinal);
        Assert.Contains("result was withheld", agent.Sent, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(All))]
    public async Task BudgetsAreExactAndNothingIsChargedTwice(string name)
    {
        var events = new Some.Recorder();
        var guard = AegisGuard.Create(Some.Policy with { Limits = new Dictionary<string, RateLimit> { ["Files-search"] = new(3, TimeSpan.FromHours(1)) } }, builder => builder.AddSink(events));
        await using var agent = await ArrangedKernel.StartAsync(Of(name), guard, static (kernel, step) => step switch
        {
            1 => ScriptedTurn.CallAll(kernel.CallOf("search", "1", "a"), kernel.CallOf("search", "2", "b")),
            2 => kernel.Call("search", "3", "c"),
            3 => kernel.Call("search", "4", "d"),
            _ => ScriptedTurn.Say("enough"),
        });
        agent.Add(agent.Function("search"));
        Assert.Equal("enough", await agent.AskAsync("look"));
        Assert.Equal(["search 1", "search 2", "search 3"], agent.Ran.Order(StringComparer.Ordinal));
        Assert.Equal(4, events.Events.Count(static e => e.Checkpoint == Checkpoint.ToolArguments));
        Assert.Equal(3, events.Events.Count(static e => e.Checkpoint == Checkpoint.ToolResult));
    }

    [Theory, MemberData(nameof(All))]
    public async Task StepsAreCountedOnce(string name)
    {
        var arrangement = Of(name);
        await using var agent = await ArrangedKernel.StartAsync(arrangement, AegisGuard.Create(Some.Policy with { AgentLoop = Some.Policy.AgentLoop with { MaxSteps = 3, RepeatedCalls = 100 } }), static (kernel, step) =>
            ScriptedTurn.CallAll(kernel.CallOf("search", $"{step}a"), kernel.CallOf("search", $"{step}b")));
        agent.Add(agent.Function("search"));
        await agent.AskAsync("look");
        Assert.Equal(6, agent.Ran.Count);
        Assert.InRange(agent.Requests, 3, 5);
    }

    [Theory, MemberData(nameof(All))]
    public async Task AnUnknownToolDoesNotSpin(string name)
    {
        var arrangement = Of(name);
        await using var agent = await ArrangedKernel.StartAsync(arrangement, AegisGuard.Create(Some.Policy with { AgentLoop = Some.Policy.AgentLoop with { MaxSteps = 5 } }), static (kernel, step) =>
            step > 20 ? ScriptedTurn.Say("tired") : kernel.Call("nothing", $"{step}"));
        agent.Add(agent.Function("search"));
        await agent.AskAsync("look");
        Assert.Empty(agent.Ran);
        Assert.InRange(agent.Requests, 1, arrangement.SeesSteps ? 8 : 21);
    }

    [Theory, MemberData(nameof(All))]
    public async Task AFunctionThatAToolAddsIsGuarded(string name)
    {
        await using var agent = await ArrangedKernel.StartAsync(Of(name), AegisGuard.Create(Some.Policy), static (kernel, step) => step switch
        {
            1 => kernel.Call("adder"),
            2 => ScriptedTurn.Call(kernel.Name("delete").Replace("Files", "More", StringComparison.Ordinal), new { value = "all" }),
            _ => ScriptedTurn.Say("done"),
        });
        agent.Add(agent.Function("adder", _ =>
        {
            agent.Kernel.Plugins.AddFromFunctions("More", [agent.Function("delete")]);
            return "added";
        }));
        await agent.AskAsync("go");
        Assert.Equal(["adder x"], agent.Ran);
    }
}
