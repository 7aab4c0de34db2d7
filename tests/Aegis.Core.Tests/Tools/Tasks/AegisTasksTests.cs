using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools.Tasks;

public class AegisTasksTests
{
    private static readonly string[] Names = ["read_note", "read-mail", "send_email", "delete_note", "mcp:crm", "*", "re\u0430d_note"];

    private static readonly string[] Globs = ["*", "read_*", "*note", "send?email", "delete_note", "mcp:*", "none"];

    private static readonly Gen<AegisTask> Tasks = Gen.Int[0, Globs.Length - 1].Array[0, 3].Select(static picks => AegisTask.Of(picks.Select(static i => Globs[i])));

    private static readonly SessionId Session = new("s");

    [Fact]
    public void WhateverIsNestedHowNothingIsAllowedThatATaskAroundItLeavesOut() => Gen.Select(Tasks.Array[0, 5], Tasks.Array[0, 3]).Sample(static (outer, inner) =>
    {
        var around = outer.Aggregate((AegisTasks?)null, AegisTasks.And);
        var nested = inner.Aggregate(around, AegisTasks.And);
        var other = inner.Aggregate((AegisTasks?)null, AegisTasks.And);
        foreach (var name in Names)
        {
            var isAllowed = nested?.Allows(name) ?? true;
            Assert.True(!isAllowed || (around?.Allows(name) ?? true), name);
            Assert.Equal(outer.Concat(inner).All(task => task.Allows(ToolName.Of(name))), isAllowed);
            Assert.Equal(isAllowed, AegisTasks.And(around, other)?.Allows(name) ?? true);
            Assert.Equal(isAllowed, AegisTasks.And(other, around)?.Allows(name) ?? true);
        }
    }, iter: 3_000);

    /// <summary>The policy's word, narrowed: for any policy, any tasks, any tools.</summary>
    [Fact]
    public Task ATaskOnlyEverTakesToolsAway() => Gen.Select(Tasks.Array[0, 3], Gen.Int[0, Globs.Length - 1].Array[0, 3], Gen.Int[0, Globs.Length - 1].Array[0, 2]).SampleAsync(static async (tasks, allow, deny) =>
    {
        var guard = Given.Guard(Given.Open with { Capabilities = new() { Allow = [.. allow.Distinct().Select(static i => Globs[i])], Deny = [.. deny.Distinct().Select(static i => Globs[i])] } });
        var tools = guard.Tools(Names);
        var all = await Shown(guard, tools);
        var scopes = tasks.Select(AegisScope.Narrow).ToList();
        var narrowed = await Shown(guard, tools);
        scopes.AsEnumerable().Reverse().ToList().ForEach(static scope => scope.Dispose());
        Assert.Equal(all.Where(name => tasks.All(task => task.Allows(ToolName.Of(name)))), narrowed);
        Assert.Equal(all, await Shown(guard, tools));
    }, iter: 200);

    [Fact]
    public async Task ACallOutsideOfTheTaskIsBlockedAsLongAsItLasts()
    {
        var guard = Given.Guard(Given.Open);
        var tools = guard.Tools("read_note", "send_email");
        var call = new ToolCall("send_email", ToolArguments.Empty) { Tools = tools };
        using (AegisScope.Narrow(AegisTask.Of("read_*")))
        {
            Assert.Equal("capability/out-of-task", await guard.RuleOf(call, Session));
            Assert.Equal("capability/out-of-task", await guard.RuleOf(call with { Tools = null, IsHosted = true }, Session));
            Assert.Equal("capability/out-of-task", (await guard.Pipeline.SinceAsync(call, guard.Run(Session), new(call, Verdict.None, Decision.Allow, DecisionId.Next()), Given.Cancel))!.Rule);   // allowed before, and not run yet
            Assert.Equal("passes", await guard.RuleOf(call with { Tool = "read_note" }, Session));
            using (AegisScope.Narrow(AegisTask.Of("*")))
            using (AegisScope.Begin(Session))
            {
                Assert.Equal("capability/out-of-task", await guard.RuleOf(call, Session));
            }

            using (AegisScope.Narrow(AegisTask.Of()))
            {
                Assert.Equal("capability/out-of-task", await guard.RuleOf(call with { Tool = "read_note" }, Session));
                Assert.Empty(await Shown(guard, tools));
            }
        }

        Assert.Equal("passes", await guard.RuleOf(call, Session));
    }

    [Fact]
    public async Task AToolOfAHostedServerIsAllowedWithItsServer()
    {
        var guard = Given.Guard(Given.Open);
        var call = new ToolCall("mcp:crm/find", ToolArguments.Empty) { IsHosted = true };
        using (AegisScope.Narrow(AegisTask.Of("mcp:crm")))
        {
            Assert.Equal("passes", await guard.RuleOf(call, Session));
            Assert.Equal("capability/out-of-task", await guard.RuleOf(call with { Tool = "mcp:crm2/find" }, Session));
        }
    }

    [Fact]
    public async Task MonitorNarrowsNothingAndSaysSo()
    {
        var guard = Given.Guard(Given.Open with { Mode = PolicyMode.Monitor });
        using var scope = AegisScope.Narrow(AegisTask.Of());
        var call = await guard.InspectAsync(guard.Call("get"), Session, Given.Cancel);
        Assert.True(call.MayProceed);
        Assert.Contains(call.Verdict.Findings, static finding => finding.Rule == "capability/out-of-task");
        Assert.Equal(["get"], await Shown(guard, guard.Tools("get")));
    }

    [Fact]
    public void AToolThatIsCalledAsAGlobIsAllowedAsItself()
    {
        var guard = Given.Guard(Given.Open);
        var task = AegisTask.Propose("look", guard.ToolsetOf([new("*") { ReadOnly = true }, new("send_email")]));
        Assert.Equal(["*"], task.Tools);
        Assert.False(task.Allows(ToolName.Of("send_email")));
        Assert.True(task.Allows(ToolName.Of("*")));
    }

    [Fact]
    public void WhatIsNoGlobIsRefused() => Assert.Throws<ArgumentException>(() => AegisTask.Of("a\n"));

    private static async Task<IReadOnlyList<string>> Shown(AegisGuard guard, Toolset tools) =>
        [.. (await guard.InspectAsync(new ModelStep(tools), Session, Given.Cancel)).Subject.Tools.Tools.Select(static tool => tool.Name)];
}
