using Aegis.SemanticKernel.Tests.Arrangements;
using Aegis.Testing;

namespace Aegis.SemanticKernel.Tests.Promises;

/// <summary>P1: whatever throws, is cancelled, hangs or says nothing at a seam of a kernel blocks.</summary>
public sealed class FaultTests
{
    private const string Secret = "the-result-of-the-tool";
    private const string Answer = "the-last-word-of-the-model";

    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var arrangement in Arrangement.All)
            {
                foreach (var seam in new[] { "input", "definition", "step", "call", "result", "output" })
                {
                    foreach (var fault in new[] { "throws", "cancels", "hangs", "null" })
                    {
                        if (arrangement.SeesRequests || seam is "call" or "result")
                        {
                            cases.Add(arrangement.ToString(), seam, fault);
                        }
                    }
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task AGuardThatFailsBlocks(string name, string seam, string fault)
    {
        var arrangement = Arrangement.All.First(arrangement => arrangement.ToString() == name);
        var guard = AegisGuard.Create(Some.Policy, builder => Add(builder, seam, fault).UseGuardTimeout(TimeSpan.FromMilliseconds(30)));
        await using var agent = await ArrangedKernel.StartAsync(arrangement, guard, static (kernel, step) => step == 1 ? kernel.Call("read") : ScriptedTurn.Say(Answer));
        agent.Add(agent.Function("read", static _ => Secret));
        await agent.AskAsync("read it");
        switch (seam)
        {
            case "input" or "step":
                Assert.Equal(0, agent.Requests);
                Assert.Empty(agent.Ran);
                break;
            case "definition":
                Assert.All(agent.Model.Requests, static request => Assert.DoesNotContain(request.ToolNames, static tool => tool.Contains("read", StringComparison.Ordinal)));
                break;
            case "call":
                Assert.Empty(agent.Ran);
                break;
            case "result":
                Assert.DoesNotContain(Secret, agent.Sent, StringComparison.Ordinal);
                Assert.DoesNotContain(agent.History, static message => message.Content?.Contains(Secret, StringComparison.Ordinal) == true);
                break;
            default:
                Assert.DoesNotContain(Answer, agent.Said, StringComparison.Ordinal);
                break;
        }
    }

    private static AegisBuilder Add(AegisBuilder builder, string seam, string fault) => seam switch
    {
        "input" => builder.AddGuard(new Faulty<UserInput>(fault)),
        "definition" => builder.AddGuard(new Faulty<ToolDefinition>(fault)),
        "step" => builder.AddGuard(new Faulty<ModelStep>(fault)),
        "call" => builder.AddGuard(new Faulty<ToolCall>(fault)),
        "result" => builder.AddGuard(new Faulty<ToolResult>(fault)),
        _ => builder.AddGuard(new Faulty<OutputWindow>(fault)),
    };

    private sealed class Faulty<T>(string fault) : IGuard<T>
        where T : Subject
    {
        public async ValueTask<Verdict> InspectAsync(T subject, GuardContext context, CancellationToken cancellationToken)
        {
            switch (fault)
            {
                case "throws":
                    throw new InvalidOperationException("broken");
                case "cancels":
                    throw new OperationCanceledException();
                case "hangs":
                    await new TaskCompletionSource().Task;
                    return Verdict.None;
                default:
                    return null!;
            }
        }
    }
}
