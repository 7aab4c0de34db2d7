using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Text;
using Aegis.Policies;
using Microsoft.Extensions.Logging;

namespace Aegis.Conventions.Tests.Tainting;

/// <summary>
/// Promise P36: what users, models and tools say, secrets, canary tokens and personal data are in no output. One word stands for all of it (<see cref="Taint"/>), every turn goes by
/// way of every framework, whole and streamed, and everything that leaves the process is read. <c>eng/taint.sh</c> reads what all other tests print.
/// </summary>
[Collection(nameof(TaintTests))]
[CollectionDefinition(nameof(TaintTests), DisableParallelization = true)]
public class TaintTests
{
    private static readonly string[] Always = ["log", "audit-file", "audit-transport", "output", "event", "health", "metric"];

    public static MatrixTheoryData<string, OnBlock, PolicyMode> Runs => new(["ExtensionsAI", "SemanticKernel", "AgentFramework", "AspNetCore", "Mcp"], [OnBlock.Refuse, OnBlock.Throw], [PolicyMode.Enforce, PolicyMode.Monitor]);

    [Theory, MemberData(nameof(Runs))]
    public async Task NoOutputHoldsWhatWasSaid(string front, OnBlock onBlock, PolicyMode mode)
    {
        await using var stage = await Stage.SetAsync(onBlock, mode, Fronts.PrefixOf(front));
        await Fronts.RunAsync(front, stage);
        await stage.FinishAsync();

        string[] expected = mode == PolicyMode.Monitor ? Always : [.. Always, "alert", "webhook", front == "AspNetCore" ? onBlock == OnBlock.Throw ? "problem" : "log" : onBlock == OnBlock.Throw ? "exception" : "refusal"];
        Assert.Superset(expected.ToHashSet(StringComparer.Ordinal), stage.Outputs.Channels.ToHashSet(StringComparer.Ordinal));
        Assert.True(stage.Model.Requests.Count > 20 && stage.Outputs.Count > 300, $"{stage.Model.Requests.Count} requests, {stage.Outputs.Count} outputs");
        Assert.True(stage.Model.Requests.Count(static request => request.Messages.Any(static message => Taint.IsIn(message.Text))) > 15, "the model read the word");
        Assert.Empty(stage.Outputs.Hits.Select(static hit => hit.Replace(Taint.Word, "(the word)", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void WhatIsSaidInAnyWayIsHeard()
    {
        using var outputs = new Outputs();
        Console.Out.Write($"a {Taint.Word}");
        Console.Error.WriteLine(Taint.Word.ToLowerInvariant());
        Trace.WriteLine(Taint.Word);
        var (failure, ours, encoded) = (new InvalidOperationException(Taint.Word), new AegisException("x"), Convert.ToBase64String(Encoding.UTF8.GetBytes($"ab{Taint.Word}cd")));
        ((ILoggerProvider)outputs).CreateLogger("Aegis").Log(LogLevel.Trace, 0, "x", failure, static (_, _) => "x");
        ((ILoggerProvider)outputs).CreateLogger("Other").Log(LogLevel.Information, 0, encoded, ours, static (text, _) => text);
        using (var source = new ActivitySource("Aegis.Taint"))
        using (var activity = source.StartActivity("x"))
        {
            activity!.AddTag("x", Taint.Word);
        }

        using (var meter = new Meter("Aegis.Taint"))
        {
            meter.CreateCounter<long>("x").Add(1, new KeyValuePair<string, object?>("x", Taint.Word));
        }

        using (var source = new EventSource("Aegis-Taint"))
        {
            source.Write("x", new { Text = Taint.Word });
        }

        outputs.Add("exception", Convert.ToHexString(Encoding.UTF8.GetBytes(Taint.Word)));
        Assert.Equal(["error", "event-source", "exception", "log", "log-of-others", "metric", "output", "span", "trace"], outputs.Hits.Select(static hit => hit.Split(':')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WhatHoldsNoneOfItIsNoHit()
    {
        Assert.False(Taint.IsIn("S3CR3T"));
        Assert.False(Taint.IsIn(null));
        Assert.True(Taint.IsIn(Taint.Word.ToLowerInvariant()));
    }
}
