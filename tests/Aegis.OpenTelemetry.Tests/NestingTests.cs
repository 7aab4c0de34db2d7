using System.Diagnostics;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Aegis.OpenTelemetry.Tests;

/// <summary>Whose child a span is, under the spans that Microsoft.Extensions.AI makes itself: <c>chat</c>, <c>orchestrate_tools</c> and <c>execute_tool</c>.</summary>
public class NestingTests
{
    private const string Frameworks = "Experimental.Microsoft.Extensions.AI";

    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task InsideATracedClientTheModelsSpanIsAround(bool streaming)
    {
        var spans = await SpansAsync(static (model, guard) => model.AsBuilder().UseOpenTelemetry().UseAegis(guard).Build(), streaming);
        var chat = Assert.Single(spans, static span => span.DisplayName.StartsWith("chat", StringComparison.Ordinal));
        var own = spans.Where(static span => span.Source.Name == "Aegis").ToList();
        Assert.NotEmpty(own);
        Assert.Contains(own, static span => span.DisplayName == "aegis.inspect input");
        Assert.Contains(own, static span => span.DisplayName == "aegis.inspect output");
        Assert.All(own, span => Assert.Equal(chat.SpanId, span.ParentSpanId));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task OutsideOfIt(bool streaming)
    {
        var spans = await SpansAsync(static (model, guard) => model.AsBuilder().UseAegis(guard).UseOpenTelemetry().Build(), streaming);
        var request = spans.Single(static span => span.DisplayName == "request");
        Assert.Equal(request.SpanId, Assert.Single(spans, static span => span.DisplayName.StartsWith("chat", StringComparison.Ordinal)).ParentSpanId);
        Assert.All(spans.Where(static span => span.Source.Name == "Aegis"), span => Assert.Equal(request.SpanId, span.ParentSpanId));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task WhatAToolIsAskedAndSaysIsInTheToolsSpan(bool streaming)
    {
        var spans = await SpansAsync(static (model, guard) => model.AsBuilder().UseAegis(guard).UseFunctionInvocation().UseOpenTelemetry().Build(), streaming, ScriptedTurn.Call("search", new { value = "x" }));
        var request = spans.Single(static span => span.DisplayName == "request");
        var tool = Assert.Single(spans, static span => span.DisplayName == "execute_tool search");
        var result = Assert.Single(spans, static span => span.DisplayName == "aegis.inspect tool-result");
        var call = Assert.Single(spans, static span => span.DisplayName == "aegis.inspect tool-arguments");
        Assert.Equal((tool.SpanId, tool.SpanId), (call.ParentSpanId, result.ParentSpanId));
        Assert.Equal(("search", "search"), (result.GetTagItem("gen_ai.tool.name"), call.GetTagItem("gen_ai.tool.name")));
        Assert.Equal(2, spans.Count(static span => span.DisplayName.StartsWith("chat", StringComparison.Ordinal)));
        Assert.All(spans, span => Assert.Equal(request.TraceId, span.TraceId));
        Assert.Equal(request.SpanId, spans.Single(static span => span.DisplayName == "aegis.inspect input").ParentSpanId);
        Assert.Equal(request.SpanId, spans.Last(static span => span.DisplayName == "aegis.inspect output").ParentSpanId);   // the first answer is a step, which the layer around the loop hears of when its call runs
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task InsideALoopOnlyTheModelsAreAround(bool streaming)
    {
        var spans = await SpansAsync(static (model, guard) => model.AsBuilder().UseFunctionInvocation().UseOpenTelemetry().UseAegis(guard).Build(), streaming, ScriptedTurn.Call("search", new { value = "x" }));
        var chats = spans.Where(static span => span.DisplayName.StartsWith("chat", StringComparison.Ordinal)).Select(static span => span.SpanId).ToHashSet();
        var tool = spans.Single(static span => span.DisplayName == "execute_tool search").SpanId;
        Assert.Equal(2, chats.Count);
        var own = spans.Where(static span => span.Source.Name == "Aegis").ToList();
        Assert.All(own, span => Assert.True(chats.Contains(span.ParentSpanId) || span.ParentSpanId == tool, span.DisplayName));
        Assert.Contains(own, span => span.DisplayName == "aegis.inspect tool-arguments" && chats.Contains(span.ParentSpanId));   // the calls of the step, before any leaves the layer
        Assert.Contains(own, static span => span.DisplayName == "aegis.inspect tool-result");
    }

    [Fact]
    public async Task ALongCleanStreamHasNoSpanForEachUpdate()
    {
        var words = string.Join(' ', Enumerable.Range(0, 2_000).Select(static i => $"The shop opens at nine on day {i}."));
        var spans = await SpansAsync(static (model, guard) => model.AsBuilder().UseAegis(guard).Build(), streaming: true, ScriptedTurn.Say(words));
        Assert.InRange(spans.Count(static span => span.Source.Name == "Aegis"), 1, 10);
    }

    [Fact]
    public async Task AStreamThatIsEndedSaysSoInASpan()
    {
        var key = string.Concat("ghp_", "f3kQ9xT2mVb7", "Lw0RzYc8NsJd4HgA6EuP1iKo");
        var spans = await SpansAsync(static (model, guard) => model.AsBuilder().UseOpenTelemetry().UseAegis(guard).Build(), streaming: true, ScriptedTurn.Say($"The token is {key}, keep it."));
        var ended = Assert.Single(spans, static span => span.Events.Any(static e => e.Name == "stream_violation"));
        Assert.Equal(("aegis.inspect output", "block"), (ended.DisplayName, ended.GetTagItem("aegis.decision")));
        Assert.Equal(spans.Single(static span => span.DisplayName.StartsWith("chat", StringComparison.Ordinal)).SpanId, ended.ParentSpanId);
    }

    [Fact]
    public async Task AStreamReadUnderAnotherSpanEachTimeIsInspectedUnderThat()
    {
        var guard = AegisGuard.Create(Policy);
        var spans = new List<Activity>();
        using var requests = new ActivitySource("reader");
        using var provider = Provider(spans, "reader");
        using var client = new ScriptedChatClient(ScriptedTurn.Say($"Write to jane@example.com, {new string('x', 40)} or to joe@example.com.")).AsBuilder().UseAegis(guard).Build();
        using var scope = AegisScope.Begin("c-1");
        await using (var updates = client.GetStreamingResponseAsync("who?", cancellationToken: Cancel).GetAsyncEnumerator(Cancel))
        {
            for (var more = true; more;)
            {
                using var read = requests.StartActivity("read");
                more = await updates.MoveNextAsync();
                Assert.Same(read, Activity.Current);   // nothing of ours is left behind
            }
        }

        provider.ForceFlush();
        var reads = spans.Where(static span => span.DisplayName == "read").Select(static span => span.SpanId).ToHashSet();
        Assert.All(spans.Where(static span => span.Source.Name == "Aegis"), span => Assert.Contains(span.ParentSpanId, reads));
        Assert.True(spans.Count(static span => span.DisplayName == "aegis.inspect output") >= 2);
    }

    private static async Task<List<Activity>> SpansAsync(Func<IChatClient, AegisGuard, IChatClient> build, bool streaming, params ScriptedTurn[] turns)
    {
        var spans = new List<Activity>();
        using var requests = new ActivitySource("request");
        using var provider = Provider(spans, "request");
        using var client = build(new ScriptedChatClient([.. turns, ScriptedTurn.Say("We open at nine.")]), AegisGuard.Create(Policy));
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(static (string value) => $"found {value}", "search")] };
        using (var request = requests.StartActivity("request"))
        using (AegisScope.Begin("c-1"))
        {
            var response = streaming ? await client.GetStreamingResponseAsync("When do you open?", options, Cancel).ToChatResponseAsync(Cancel) : await client.GetResponseAsync("When do you open?", options, Cancel);
            Assert.NotEmpty(response.Messages);
            Assert.Same(request, Activity.Current);
        }

        provider.ForceFlush();
        return spans;
    }

    private static TracerProvider Provider(List<Activity> spans, string source) =>
        Sdk.CreateTracerProviderBuilder().AddAegisInstrumentation().AddSource(source, Frameworks).AddProcessor(new SimpleActivityExportProcessor(new ListExporter(spans))).Build();
}
