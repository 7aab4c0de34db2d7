using System.Text.RegularExpressions;
using Aegis.Policies;
using Aegis.SemanticKernel.Tests.Arrangements;
using Aegis.Testing;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel.Tests;

public sealed partial class PlaceholderTests
{
    private const string Mira = "mira.kolbe@quellbruck-optik.de";

    private static readonly AegisPolicy Policy = Some.Policy with
    {
        DataFlow = new() { PiiScope = [PiiScope.Output, PiiScope.Input] },
        Tools = new Dictionary<string, ToolPolicy> { ["Files-pay"] = new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["to"] = new() { Restore = ["email"] } } } },
    };

    /// <summary>Where a kernel's own connector runs the loop nobody reads what its history holds, only prompts.</summary>
    public static TheoryData<string> Read => [.. Arrangement.All.Where(static arrangement => arrangement.Place != Place.Filters).Select(static arrangement => arrangement.ToString())];

    [Theory, MemberData(nameof(Read))]
    public async Task AKernelsFunctionGetsTheValueAndTheModelNever(string name)
    {
        var (ran, events) = (new List<string>(), new Some.Recorder());
        using var scope = AegisScope.Begin("s");
        await using var agent = await ArrangedKernel.StartAsync(Arrangement.All.First(arrangement => arrangement.ToString() == name), AegisGuard.Create(Policy, builder => builder.AddSink(events)), static (kernel, step) => step == 1
            ? ScriptedTurn.Call(kernel.Name("pay"), new { to = Shape().Match(kernel.Sent).Value, note = Shape().Match(kernel.Sent).Value })
            : ScriptedTurn.Say("done"));
        agent.Add(KernelFunctionFactory.CreateFromMethod((string to, string note) =>
        {
            ran.Add($"{to} {note}");
            return $"paid {to}";
        }, "pay"));
        Assert.Equal("done", await agent.AskAsync($"Pay {Mira} now"));
        var placeholder = Shape().Match(agent.Sent).Value;
        Assert.Equal([$"{Mira} {placeholder}"], ran);
        Assert.Single(events.Events, static e => e.Checkpoint == Checkpoint.ToolArguments);
        Assert.DoesNotContain(Mira, agent.Sent, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"paid {placeholder}", agent.Sent, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\[[A-Z-]+-[b-z]{12}\]")]
    private static partial Regex Shape();
}
