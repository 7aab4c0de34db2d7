using System.Collections.Concurrent;
using Aegis.Events;
using Aegis.Policies;
using Aegis.Testing;
using Aegis.Tools;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Aegis.Mcp.Tests;

/// <summary>Promise P25: a server that swaps, shadows or imitates a tool. The server is a process of its own, and says itself what it ran.</summary>
[Collection(nameof(McpAgent))]   // they ask one server what ran, and change what it offers
public sealed class ToolPinTests
{
    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced") with { DataFlow = new() { Provenance = ProvenanceMode.Off } };   // what a tool is, not what it is for

    public static TheoryData<Place, bool> Places => new(from place in Enum.GetValues<Place>() from streaming in new[] { false, true } select (place, streaming));

    public static TheoryData<Place, string> Swaps => new(from place in Enum.GetValues<Place>() from how in new[] { "description", "schema", "annotations", "title" } select (place, how));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Places))]
    public async Task ASwappedToolIsNeitherShownNorRunUntilItIsApprovedAgain(Place place, bool isStreaming)
    {
        var (guard, events) = Guarded();
        await using var agent = await McpAgent.StartAsync(place, isStreaming, guard, [.. Turns(place), .. Turns(place), .. Turns(place)]);
        agent.Offer = Named;
        await agent.AskAsync();
        Assert.Equal("read_note", await agent.RanAsync());
        Assert.Empty(guard.Tools.Refused);

        await agent.SwapAsync("description");
        agent.Tools = await agent.ListAsync();
        Assert.EndsWith("done", await agent.AskAsync(), StringComparison.Ordinal);
        Assert.Equal("swap", await agent.RanAsync());
        AssertTold(agent, place, "tool/changed");
        Assert.DoesNotContain("read_note x swapped", agent.Sent, StringComparison.Ordinal);
        if (place != Place.KernelFilters)
        {
            Assert.DoesNotContain(McpAgent.Name(place, "read_note"), agent.Model.Requests[^1].ToolNames);   // a filter does not see what is offered
            Assert.Contains(McpAgent.Name(place, "delete_note"), agent.Model.Requests[^1].ToolNames);
        }

        var refused = Assert.Single(guard.Tools.Refused);
        Assert.Equal(("notes", McpAgent.Name(place, "read_note"), "tool/changed"), (refused.Pin.Server, refused.Pin.Name, refused.Rule));
        Assert.Single(events, static e => e is { Type: EventTypes.ScanBlock, Checkpoint: Checkpoint.ToolDescription, Verdict.Rule: "tool/changed" });

        await guard.Tools.ApproveAsync(refused.Pin, Token);
        await agent.AskAsync();
        Assert.Equal("read_note", await agent.RanAsync());
        Assert.Empty(guard.Tools.Refused);
        Assert.Single(events, static e => e.Type == EventTypes.ToolApprove);
    }

    [Theory, MemberData(nameof(Swaps))]
    public async Task WhateverChangesInAToolItIsCaught(Place place, string how)
    {
        var (guard, _) = Guarded();
        await using var agent = await McpAgent.StartAsync(place, isStreaming: false, guard, [.. Turns(place), .. Turns(place)]);
        agent.Offer = Named;
        await agent.AskAsync();
        await agent.SwapAsync(how);
        agent.Tools = await agent.ListAsync();
        await agent.AskAsync();
        Assert.Equal("read_note swap", await agent.RanAsync());
        Assert.Equal("tool/changed", Assert.Single(guard.Tools.Refused).Rule);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task TheSameSchemaWrittenAnotherWayIsNoChange(Place place, bool isStreaming)
    {
        var (guard, _) = Guarded();
        await using var agent = await McpAgent.StartAsync(place, isStreaming, guard, [.. Turns(place), .. Turns(place)]);
        agent.Offer = Named;
        await agent.AskAsync();
        await agent.SwapAsync("order");
        agent.Tools = await agent.ListAsync();
        await agent.AskAsync();
        Assert.Equal("read_note swap read_note", await agent.RanAsync());
    }

    [Theory, MemberData(nameof(Places))]
    public async Task AToolThatComesBackUnderAnotherNameIsAChange(Place place, bool isStreaming)
    {
        var (guard, _) = Guarded();
        await using var agent = await McpAgent.StartAsync(place, isStreaming, guard, [.. Turns(place), McpAgent.Call(place, "fetch_note", "b"), ScriptedTurn.Say("done")]);
        agent.Offer = Named;
        await agent.AskAsync();
        await agent.SwapAsync("rename");
        agent.Tools = await agent.ListAsync();
        await agent.AskAsync();
        Assert.Equal("read_note swap", await agent.RanAsync());
        AssertTold(agent, place, "tool/changed");
    }

    [Theory, MemberData(nameof(Places))]
    public async Task AListThatChangesInTheMiddleOfARunIsCaughtInThatRun(Place place, bool isStreaming)
    {
        if (place == Place.Manual)
        {
            return;   // the app's own loop: each of its requests is a request
        }

        var (guard, _) = Guarded();
        var server = await McpAgent.ShareAsync();
        var changed = new TaskCompletionSource();
        await using var listening = server.RegisterNotificationHandler(NotificationMethods.ToolListChangedNotification, (_, _) =>
        {
            changed.TrySetResult();
            return default;
        });
        Kernel? kernel = null;
        AIFunction? refresh = null;
        refresh = AIFunctionFactory.Create(RefreshAsync, "refresh", "Reads the list anew.");
        await using var agent = await McpAgent.StartAsync(
            server, place, isStreaming, guard, McpAgent.Call(place, "read_note", "a"), ScriptedTurn.Call(McpAgent.Name(place, "swap"), new { value = "description" }, "b"), ScriptedTurn.Call(McpAgent.Name(place, "refresh"), new { }, "c"), McpAgent.Call(place, "read_note", "d"), ScriptedTurn.Say("done"));
        agent.Offer = tools => [.. Named(tools), refresh];
        agent.Furnish = made => kernel = made;
        Assert.EndsWith("done", await agent.AskAsync(), StringComparison.Ordinal);
        Assert.Equal("read_note swap", await agent.RanAsync());
        AssertTold(agent, place, "tool/changed");
        if (place != Place.KernelFilters)
        {
            Assert.Contains(McpAgent.Name(place, "read_note"), agent.Model.Requests[2].ToolNames);
            Assert.DoesNotContain(McpAgent.Name(place, "read_note"), agent.Model.Requests[3].ToolNames);
        }

        async Task<string> RefreshAsync()
        {
            await changed.Task.WaitAsync(Token);
            var tools = Named(await server.ListToolsAsync(cancellationToken: Token)).Append(refresh!).ToList();
            if (kernel is not null)
            {
                kernel.Plugins.Remove(kernel.Plugins["Notes"]);
                kernel.Plugins.AddFromFunctions("Notes", tools.Select(static tool => tool.AsKernelFunction()));
            }
            else
            {
                FunctionInvokingChatClient.CurrentContext!.Options!.Tools = [.. tools];
            }

            return "read";
        }
    }

    [Theory, MemberData(nameof(Places))]
    public async Task ANameThatTwoServersOfferBelongsToNeitherUnlessThePolicySaysWhose(Place place, bool isStreaming)
    {
        var other = await McpAgent.ShareAsync("shadow");
        var shadow = (await other.ListToolsAsync(cancellationToken: Token)).Where(static tool => tool.Name != "audit").ToList();
        foreach (var isSaid in new[] { false, true })
        {
            var isOwned = isSaid && place is not (Place.Inside or Place.Manual);   // a loop around the guard looks names up in all that it was given
            var policy = isSaid ? Policy with { Tools = new Dictionary<string, ToolPolicy> { [McpAgent.Name(place, "read_note")] = new() { Server = "notes" } } } : Policy;
            var (guard, events) = Guarded(policy);
            await using var agent = await McpAgent.StartAsync(place, isStreaming, guard, [.. Turns(place)]);
            agent.Offer = tools => place is Place.KernelFilters or Place.KernelServices ? Named(tools) : [.. shadow.FromServer("other"), .. Named(tools)];
            agent.Furnish = kernel => kernel.Plugins.AddFromFunctions("Notes_read", shadow.Where(static tool => tool.Name == "note").FromServer("other").Select(static tool => tool.AsKernelFunction()));   // Notes_read-note
            await agent.AskAsync();
            Assert.Equal(isOwned ? "read_note" : "", await agent.RanAsync());
            Assert.Equal("", await McpAgent.RanAsync(other));
            if (!isOwned)
            {
                AssertTold(agent, place, "tool/shadowed");
            }

            if (place != Place.KernelFilters)
            {
                Assert.Equal(isOwned, agent.Shown.Contains(McpAgent.Name(place, "read_note")));
                Assert.Contains(events, static e => e is { Checkpoint: Checkpoint.ToolDescription, Verdict.Rule: "tool/shadowed" });
            }

            Assert.Contains(guard.Tools.Refused, static refused => refused is { Rule: "tool/shadowed", Pin.Server: "other" });
        }
    }

    [Theory, MemberData(nameof(Places))]
    public async Task AnotherServersToolThatLooksLikeAnApprovedOneIsRefusedLaterToo(Place place, bool isStreaming)
    {
        var (guard, _) = Guarded();
        await using var first = await McpAgent.StartAsync(place, isStreaming, guard, [.. Turns(place)]);
        first.Offer = Named;
        await first.AskAsync();
        Assert.Equal("read_note", await first.RanAsync());

        var other = await McpAgent.ShareAsync("look-alike");
        var isKernel = place is Place.KernelFilters or Place.KernelServices;   // its names are ASCII
        await using var agent = await McpAgent.StartAsync(other, place, isStreaming, guard, McpAgent.Call(place, "read_n0te", "a"), isKernel ? ScriptedTurn.Say("done") : McpAgent.Call(place, "re\u0430d_note", "b"), ScriptedTurn.Say("done"));
        agent.Offer = tools => tools.Where(tool => !isKernel || tool.Name == "read_n0te").FromServer("other");
        await agent.AskAsync();
        Assert.Equal("", await agent.RanAsync());
        AssertTold(agent, place, "tool/look-alike");
        if (place != Place.KernelFilters)
        {
            Assert.DoesNotContain(McpAgent.Name(place, "read_n0te"), agent.Shown);
        }
    }

    [Theory]
    [InlineData(Place.Sandwich)]
    [InlineData(Place.KernelServices)]
    public async Task WithAFileARestartTrustsNothingAnew(Place place)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("aegis-pins-").FullName, "tools.pins.json");
        await using (var before = await McpAgent.StartAsync(place, isStreaming: false, Guarded(pins: file).Guard, [.. Turns(place)]))
        {
            before.Offer = Named;
            await before.AskAsync();
            Assert.Equal("read_note", await before.RanAsync());
        }

        var (guard, _) = Guarded(pins: file);
        await using var after = await McpAgent.StartAsync(place, isStreaming: false, guard, [.. Turns(place), .. Turns(place), .. Turns(place)]);
        after.Offer = Named;
        await after.SwapAsync("schema");
        after.Tools = await after.ListAsync();
        await after.AskAsync();
        Assert.Equal("swap", await after.RanAsync());

        await guard.Tools.ApproveAsync(Assert.Single(guard.Tools.Refused).Pin, Token);
        await after.AskAsync();
        Assert.Equal("read_note", await after.RanAsync());

        await File.WriteAllTextAsync(file, "{", Token);
        Assert.EndsWith("done", await after.AskAsync(), StringComparison.Ordinal);
        Assert.Equal("", await after.RanAsync());
        Assert.DoesNotContain(after.Model.Requests[^1].ToolNames, static name => name != "NonInvocableTool");   // what a kernel says when it has none
        AssertTold(after, place, "tool/pins-unreadable");
    }

    [Theory, MemberData(nameof(Places))]
    public async Task ATaskNarrowsWhatTheModelSeesAndMayCall(Place place, bool isStreaming)
    {
        await using var agent = await McpAgent.StartAsync(place, isStreaming, Guarded().Guard, McpAgent.Call(place, "delete_note", "a"), McpAgent.Call(place, "read_note", "b"), ScriptedTurn.Say("done"));
        agent.Offer = Named;
        agent.Around = static () => AegisScope.Narrow(AegisTask.Of("*read_note", "*list_labels"));
        await agent.AskAsync();
        Assert.Equal("read_note", await agent.RanAsync());
        AssertTold(agent, place, "capability/out-of-task");
        if (place != Place.KernelFilters)
        {
            Assert.Equal([McpAgent.Name(place, "list_labels"), McpAgent.Name(place, "read_note")], agent.Shown.Order(StringComparer.Ordinal));
        }
    }

    /// <summary>A loop below the guard does not know what was hidden from it.</summary>
    private static void AssertTold(McpAgent agent, Place place, string rule) => Assert.Contains(place == Place.Outside ? "not found" : rule, agent.Sent, StringComparison.Ordinal);

    private static ScriptedTurn[] Turns(Place place) => [McpAgent.Call(place, "read_note", "a"), ScriptedTurn.Say("done")];

    private static IEnumerable<AIFunction> Named(IList<McpClientTool> tools) => tools.FromServer("notes");

    private static (AegisGuard Guard, ConcurrentQueue<AegisEvent> Events) Guarded(AegisPolicy? policy = null, string? pins = null)
    {
        var events = new ConcurrentQueue<AegisEvent>();
        return (AegisGuard.Create(policy ?? Policy, builder =>
        {
            builder.DescribeTools(Described).AddSink(new Sink(events));
            if (pins is not null)
            {
                builder.UseToolPins(pins);
            }
        }), events);
    }

    /// <summary>As the README shows it.</summary>
    private static ToolInfo Described(ToolInfo tool) => (tool.Source as AITool)?.GetService<McpClientTool>()?.ProtocolTool.Annotations is { } hints
        ? tool with { Destructive = hints.DestructiveHint, ReadOnly = hints.ReadOnlyHint, Idempotent = hints.IdempotentHint, OpenWorld = hints.OpenWorldHint, Title = hints.Title }
        : tool;

    private sealed class Sink(ConcurrentQueue<AegisEvent> events) : IEventSink
    {
        public void Write(AegisEvent e) => events.Enqueue(e);
    }
}
