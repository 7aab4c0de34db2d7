using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools;

public class ToolsetTests
{
    private static readonly ToolRules AllowAll = new(Given.Open, [], null);

    private static readonly Gen<string[]> Names = Gen.Select(Gen.OneOf("get", "list", "create", "delete", "send", "frob"), Gen.Int[0, 99])
        .Select(static (verb, number) => $"{verb}_{number}").Array[0, 60].Select(static names => names.Distinct().ToArray());

    [Fact]
    public void DecayKeepsTheLeastDangerousShare() => Gen.Select(Names, Gen.Int[0, 100]).Sample(static (names, percent) =>
    {
        var tools = Toolset.Of(names.Select(static name => new ToolInfo(name)), AllowAll);
        var dangerousFirst = names.OrderByDescending(name => tools.RiskOf(name).Level).ThenBy(static name => name, StringComparer.Ordinal).ToArray();
        var stay = ((names.Length * percent) + 99) / 100;
        if (stay == 0 && names.Length > 0 && tools.RiskOf(dangerousFirst[^1]).Level == ToolRisk.Low)
        {
            stay = 1;
        }

        var kept = dangerousFirst[^stay..].ToHashSet();
        Assert.Equal(names.Where(kept.Contains), tools.Where(AllowAll, percent / 100.0).Tools.Select(static tool => tool.Name));
    }, iter: 5_000);

    [Fact]
    public void VisibleToolsNeverGrowWithTheSteps() => Gen.Select(Names, Gen.Select(Gen.Int[1, 30], Gen.Double[0, 1]).Array[0, 4]).Sample(static (names, decay) =>
    {
        var fractions = decay.OrderByDescending(static entry => entry.Item2).Zip(decay.Select(static entry => entry.Item1).Order(), static (entry, step) => (step, entry.Item2));
        var policy = Given.Open with { AgentLoop = new() { PrivilegeDecay = fractions.DistinctBy(static entry => entry.step).ToDictionary(static entry => entry.step, static entry => entry.Item2) } };
        var compiled = PolicyCompiler.Compile(policy, [], []);
        var tools = Toolset.Of(names.Select(static name => new ToolInfo(name)), compiled.Tools);
        var before = compiled.Visible(tools, 1);
        for (var step = 2; step <= 32; step++)
        {
            var now = compiled.Visible(tools, step);
            Assert.Subset(before.Tools.ToHashSet(), now.Tools.ToHashSet());
            Assert.Equal(now.Tools, compiled.Visible(before, step).Tools);   // a set that was narrowed already decays alike
            before = now;
        }
    }, iter: 500);

    [Fact]
    public void AllDangerousToolsMayGoAndTheLastHarmlessOneStays()
    {
        Assert.Equal(["get_a"], Kept(0, "delete_a", "get_a", "update_a"));
        Assert.Equal(["get_b"], Kept(0, "get_b", "get_a"));
        Assert.Empty(Kept(0, "delete_a", "update_a"));
        Assert.Empty(Kept(0));
    }

    [Fact]
    public void ToolsThatMayNeverBeCalledAreHidden()
    {
        var rules = new ToolRules(Given.Open with { Capabilities = new() { Allow = ["get_*"], Deny = ["get_secret"], RequireApproval = ["send"] } }, [], null);
        var tools = Toolset.Of([new("get_a"), new("get_secret"), new("send"), new("other")], rules);

        Assert.Equal(["get_a", "send"], tools.Where(rules, 1).Tools.Select(static tool => tool.Name));
    }

    [Fact]
    public async Task AHiddenToolIsDeniedToo()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { PrivilegeDecay = new Dictionary<int, double> { [2] = 0.5, [3] = 0 } } });
        var run = guard.Run(new("s"));
        var tools = guard.Tools("get_a", "delete_a", "get_b", "delete_b");
        var expected = new[] { tools.Tools.Count, 2, 1, 1 };
        for (var step = 1; step <= 4; step++)
        {
            var shown = ((ModelStep)(await run.InspectAsync(new ModelStep(tools))).Subject).Tools;
            Assert.Equal(expected[step - 1], shown.Tools.Count);
            await run.RuleOf(new ModelOutput("") { Calls = 1 });
            foreach (var offered in (Toolset[])[tools, shown])
            {
                foreach (var tool in tools.Tools)
                {
                    var rule = await run.RuleOf(new ToolCall(tool.Name, Given.Arguments(("step", step), ("set", offered.Tools.Count))) { Tools = offered });
                    Assert.Equal(shown.Tools.Contains(tool), rule == "passes");
                    Assert.Contains(rule, (string[])["passes", "decay/hidden", "tool/confusable-name"]);
                }
            }
        }
    }

    private static IEnumerable<string> Kept(double fraction, params string[] names) =>
        Toolset.Of(names.Select(static name => new ToolInfo(name)), AllowAll).Where(AllowAll, fraction).Tools.Select(static tool => tool.Name);
}
