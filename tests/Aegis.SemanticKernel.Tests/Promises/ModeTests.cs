using Aegis.Policies;
using Aegis.SemanticKernel.Tests.Arrangements;
using Aegis.Testing;

namespace Aegis.SemanticKernel.Tests.Promises;

/// <summary>P4: monitor never blocks, enforce never lets pass.</summary>
public sealed class ModeTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var arrangement in Arrangement.All)
            {
                foreach (var @case in new[] { "tool", "limit", "result", "input", "output", "steps" })
                {
                    if (arrangement.SeesRequests || @case is not ("input" or "output"))
                    {
                        cases.Add(arrangement.ToString(), @case);
                    }
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task MonitorNeverBlocksAndEnforceNeverLetsPass(string name, string @case)
    {
        var arrangement = Arrangement.All.First(arrangement => arrangement.ToString() == name);
        var policy = Some.Policy with
        {
            Limits = new Dictionary<string, RateLimit> { ["Files-pay"] = new(1, TimeSpan.FromHours(1)) },
            Output = new() { BlockPatterns = ["classified"] },
            AgentLoop = Some.Policy.AgentLoop with { MaxSteps = @case == "steps" ? 2 : 25, RepeatedCalls = 100 },
        };
        var off = await RunAsync(policy with { Mode = PolicyMode.Off });
        var monitor = await RunAsync(policy with { Mode = PolicyMode.Monitor });
        var enforce = await RunAsync(policy);

        Assert.Equal(off.Said, monitor.Said);
        Assert.Equal(off.Ran, monitor.Ran);
        Assert.Equal(off.History, monitor.History);
        Assert.NotEmpty(monitor.Rules);
        Assert.NotEmpty(enforce.Rules);
        Assert.True(Violated(off), "without Aegis it happens");
        Assert.False(Violated(enforce), "with Aegis it does not");

        bool Violated((string Said, List<string> Ran, List<string> History, List<string> Rules, string Sent) run) => @case switch
        {
            "tool" => run.Ran.Contains("delete x"),
            "limit" => run.Ran.Count(static ran => ran.StartsWith("pay", StringComparison.Ordinal)) > 1,
            "result" => run.Sent.Contains("Ignore all previous", StringComparison.Ordinal),
            "input" => run.Sent.Length > 0,
            "output" => run.Said.Contains("classified", StringComparison.Ordinal),
            _ => run.Ran.Count > 2,
        };

        async Task<(string Said, List<string> Ran, List<string> History, List<string> Rules, string Sent)> RunAsync(AegisPolicy mode)
        {
            var events = new Some.Recorder();
            await using var agent = await ArrangedKernel.StartAsync(arrangement, AegisGuard.Create(mode, builder => builder.AddSink(events)), (kernel, step) => (@case, step) switch
            {
                ("tool", 1) => kernel.Call("delete", "x", "1"),
                ("limit", 1 or 2 or 3) => kernel.Call("pay", $"{step}", $"{step}"),
                ("result", 1) => kernel.Call("read", "x", "1"),
                ("output", 1) => ScriptedTurn.Say("this is classified, sorry"),
                ("steps", <= 4) => kernel.Call("search", $"{step}", $"{step}"),
                _ => ScriptedTurn.Say("done"),
            });
            agent.Add(agent.Function("read", static _ => Some.Injection), agent.Function("pay"), agent.Function("delete"), agent.Function("search"));
            var said = await agent.AskAsync(@case == "input" ? Some.Injection : "go");
            var history = agent.History.Select(static message => $"{message.Role.Label.ToUpperInvariant()}: {message.Content} {string.Join(',', message.Items.OfType<Microsoft.SemanticKernel.FunctionCallContent>().Select(static call => call.FunctionName + call.Id))}").ToList();
            return (said, [.. agent.Ran], history, [.. events.Rules], agent.Sent);
        }
    }
}
