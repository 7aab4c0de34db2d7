using Aegis.SemanticKernel.Tests.Arrangements;
using Aegis.Testing;
using Aegis.Tools;
using Microsoft.SemanticKernel;

namespace Aegis.SemanticKernel.Tests;

/// <summary>People who are asked about a kernel's calls.</summary>
public class ApprovalTests
{
    private static readonly AegisPolicy Asking = Some.Policy with { Capabilities = new() { Allow = ["Files-search"], RequireApproval = ["Files-pay", "Files-charge"] } };

    public static TheoryData<string> All => [.. Arrangement.All.Select(static arrangement => arrangement.ToString())];

    [Theory, MemberData(nameof(All))]
    public async Task WhatAPersonMakesOfACallIsWhatRuns(string name)
    {
        var approver = new Approver(static request => request.Arguments.Canonical.Contains("10", StringComparison.Ordinal) ? ApprovalAnswer.Edited(ToolArguments.From([new("value", "5")])) : true);
        var arrangement = Arrangement.All.Single(arrangement => arrangement.ToString() == name);
        var guard = AegisGuard.Create(Asking, builder => builder.UseApprover(approver));
        await using var agent = await ArrangedKernel.StartAsync(arrangement, guard, static (kernel, step) => step == 1 ? ScriptedTurn.CallAll(kernel.CallOf("pay", "10", "a"), kernel.CallOf("pay", "20", "b")) : ScriptedTurn.Say("done"));
        agent.Add(agent.Function("pay"));
        using var scope = AegisScope.Begin("alice");

        await agent.AskAsync("go");

        Assert.Equal(["pay 20", "pay 5"], agent.Ran.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("pay did 10", agent.Sent, StringComparison.Ordinal);
        Assert.Contains("pay did 5", agent.Sent, StringComparison.Ordinal);
        var last = agent.Model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<Microsoft.Extensions.AI.FunctionCallContent>();
        Assert.Equal([arrangement.Place == Place.Filters ? "10" : "5", "20"], last.Select(static call => call.Arguments!["value"]!.ToString()));   // a connector alone keeps what the model wrote
        Assert.Equal(arrangement.Place == Place.Filters ? 2 : 1, approver.Asked);   // filters see one call after the other
    }

    [Fact]
    public async Task AHostsCallRunsAsAPersonMadeIt()
    {
        var ran = new List<(string, int)>();
        var guard = AegisGuard.Create(Asking, builder => builder.UseApprover(new Approver(static _ => ApprovalAnswer.Edited(ToolArguments.From([new("to", "bob"), new("amount", 5)])))));
        var kernel = Kernel.CreateBuilder().Build();
        kernel.UseAegis(guard);
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod((string to, int amount) => ran.Add((to, amount)), "charge")]);
        await kernel.InvokeAsync("Files", "charge", new() { ["to"] = "eve", ["amount"] = 500 }, TestContext.Current.CancellationToken);
        Assert.Equal([("bob", 5)], ran);
    }

    private sealed class Approver(Func<ApprovalRequest, ApprovalAnswer> answer) : IApprover
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException("a step is one question");

        public ValueTask<IReadOnlyList<ApprovalAnswer>> ApproveAllAsync(IReadOnlyList<ApprovalRequest> requests, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return new([.. requests.Select(answer)]);
        }
    }
}
