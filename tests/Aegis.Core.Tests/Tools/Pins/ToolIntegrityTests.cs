using Aegis.Core.Tests.Sessions;
using Aegis.Events;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Core.Tests.Tools.Pins;

public class ToolIntegrityTests
{
    private static readonly SessionId Session = new("s");

    [Fact]
    public async Task WhatWasSeenFirstStays()
    {
        var guard = Given.Guard(Given.Open);
        Assert.Equal("get send", await Shown(guard, Tool("get"), Tool("send")));
        Assert.Equal("send", await Shown(guard, Tool("get", "Gets more."), Tool("send")));
        Assert.Equal("tool/changed", await Call(guard, "get", Tool("get", "Gets more."), Tool("send")));
        Assert.Equal("passes", await Call(guard, "send", Tool("get", "Gets more."), Tool("send")));
        Assert.Equal("get send", await Shown(guard, Tool("get"), Tool("send")));   // it has changed back
    }

    [Fact]
    public async Task ACallAloneApprovesAllThatIsOfferedWithIt()
    {
        var guard = Given.Guard(Given.Open);
        Assert.Equal("passes", await Call(guard, "get", Tool("get"), Tool("send")));
        Assert.Equal("tool/changed", await Call(guard, "send", Tool("get"), Tool("send", "Sends more.")));
    }

    [Fact]
    public async Task WhatRunsCountsAndNotWhatWasOfferedUnderItsName()
    {
        var guard = Given.Guard(Given.Open);
        var call = new ToolCall("get", ToolArguments.Empty) { Tools = guard.ToolsetOf([Tool("get")]) };
        Assert.Equal("passes", await guard.RuleOf(call with { Running = Tool("get") }, Session));
        Assert.Equal("tool/changed", await guard.RuleOf(call with { Running = Tool("get", "Gets more.") }, Session));
        Assert.Equal("tool/shadowed", await guard.RuleOf(call with { Running = Tool("get", server: "other") }, Session));
        Assert.Equal("tool/changed", (await guard.Pipeline.SinceAsync(call with { Running = Tool("get", "Gets more.") }, guard.Run(Session), new(call, Verdict.None, Decision.Allow, DecisionId.Next()), Given.Cancel))!.Rule);
        Assert.Null(await guard.Pipeline.SinceAsync(call with { Running = Tool("get") }, guard.Run(Session), new(call, Verdict.None, Decision.Allow, DecisionId.Next()), Given.Cancel));
    }

    [Fact]
    public async Task ApprovingTakesTheVeryPinAndIsAnEvent()
    {
        var events = new List<AegisEvent>();
        var guard = Given.Guard(Given.Open, more: builder => builder.AddSink(new Sink(events)));
        await Shown(guard, Tool("get"));
        await Shown(guard, Tool("get", "Gets more."));
        await Shown(guard, Tool("get", "Gets more."));
        var refused = Assert.Single(guard.Tools.Refused);
        var reported = Assert.Single(events, static e => e.Checkpoint == Checkpoint.ToolDescription);   // once, and not at every step
        Assert.Equal((EventTypes.ScanBlock, "get", "tool/changed", Decision.Block), (reported.Type, reported.Tool, reported.Verdict.Rule, reported.Decision));

        await guard.Tools.ApproveAsync(refused.Pin, Given.Cancel);
        Assert.Equal("", await Shown(guard, Tool("get", "Gets even more.")));   // not what was approved
        Assert.Equal("", await Shown(guard, Tool("get")));                      // nor what was approved before
        Assert.Equal("get", await Shown(guard, Tool("get", "Gets more.")));
        var approved = Assert.Single(events, static e => e.Type == EventTypes.ToolApprove);
        Assert.Equal(("get", refused.Pin.Hash), (approved.Tool, approved.Verdict.Deciding!.Detail));
    }

    [Fact]
    public async Task OnlyPinnedToolsIfThePolicySaysSo()
    {
        var guard = Given.Guard(Pinned, more: builder => builder.UseToolPins([ToolPin.Of(Tool("get"))]));
        Assert.Equal("get", await Shown(guard, Tool("get"), Tool("send")));
        Assert.Equal("tool/unpinned", await Call(guard, "send", Tool("get"), Tool("send")));
        Assert.Equal("", await Shown(guard, Tool("get", "Gets more.")));
        await guard.Tools.ApproveAsync(guard.Tools.Refused.Single(static refused => refused.Pin.Name == "send").Pin, Given.Cancel);
        Assert.Equal("get send", await Shown(guard, Tool("get"), Tool("send")));
    }

    [Fact]
    public async Task AHostThatDoesNotSayWhatAToolIsCannotCallItIfOnlyPinsCount()
    {
        var call = new ToolCall("get", ToolArguments.Empty);
        Assert.Equal("passes", await Given.Guard(Given.Open with { Capabilities = new() { Allow = ["get"] } }).RuleOf(call, Session));
        Assert.Equal("tool/unpinned", await Given.Guard(Pinned with { Capabilities = new() { Allow = ["get"] } }).RuleOf(call, Session));
    }

    [Theory]
    [InlineData("read_n\u043ete", "tool/look-alike")]
    [InlineData("read_n0te", "tool/look-alike")]
    [InlineData("Read_Note", "tool/look-alike")]
    [InlineData("re\u200bad_note", "tool/look-alike")]
    [InlineData("send", "passes")]
    public async Task WhatLooksLikeAnApprovedToolOfItsServerIsRefused(string name, string rule)
    {
        var guard = Given.Guard(Given.Open);
        await Shown(guard, Tool("read_note", server: "notes"));
        Assert.Equal(rule, await Call(guard, name, Tool(name, "Something else.", server: "notes")));
    }

    [Theory]
    [InlineData("read_note", "tool/shadowed")]
    [InlineData("read-note", "tool/shadowed")]
    [InlineData("READ_NOTE", "tool/shadowed")]
    [InlineData("re\u0430d_note", "tool/look-alike")]
    [InlineData("read_n0te", "tool/look-alike")]
    public async Task WhatAnotherServerOffersUnderTheNameOfAnApprovedToolIsRefused(string name, string rule)
    {
        var guard = Given.Guard(Given.Open);
        await Shown(guard, Tool("read_note", server: "notes"));
        Assert.Equal(rule, await Call(guard, name, Tool(name, "Something else.", server: "other")));
        Assert.Equal(rule, Assert.Single(await RefusedAfter(guard, Tool(name, "Something else.", server: "other"))).Rule);
    }

    [Theory]
    [InlineData("read_note")]
    [InlineData("read.note")]
    [InlineData("re\u0430d_note")]
    [InlineData("READ_N0TE")]
    public async Task OfTwoServersWithOneNameNeitherIsOffered(string name)
    {
        var guard = Given.Guard(Given.Open);
        ToolInfo[] tools = [Tool("read_note", server: "notes"), Tool(name, server: "other"), Tool("send", server: "notes")];
        Assert.Equal("send", await Shown(guard, tools));
        Assert.Equal("tool/shadowed", await Call(guard, "read_note", tools));
        Assert.Equal("tool/shadowed", await Call(guard, name, tools));
        Assert.Equal(["notes", "other"], guard.Tools.Refused.Select(static refused => refused.Pin.Server).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ThePolicySaysWhoseANameIs()
    {
        var guard = Given.Guard(Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["read_note"] = new() { Server = "notes" } } });
        ToolInfo[] tools = [Tool("read_note", server: "other"), Tool("re\u0430d_note", server: "third"), Tool("read_note", server: "notes")];
        var set = guard.ToolsetOf(tools);
        Assert.Equal("notes", Assert.Single(set.Tools).Server);
        Assert.Equal("passes", await guard.RuleOf(new ToolCall("read_note", ToolArguments.Empty) { Tools = set }, Session));
        Assert.Equal("tool/shadowed", await Call(guard, "read_note", tools[0]));
        Assert.Equal("read_note", await Shown(guard, tools));
    }

    [Fact]
    public async Task AnOwnerIsFoundAgainWhenAnotherServerCameFirst()
    {
        var guard = Given.Guard(Given.Open, more: static builder => builder.UseToolPins([ToolPin.Of(Tool("read_note", server: "other"))]));
        Assert.Equal("tool/shadowed", await Call(guard, "read_note", Tool("read_note", server: "notes")));
        var owned = Given.Guard(Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["read_note"] = new() { Server = "notes" } } }, more: static builder => builder.UseToolPins([ToolPin.Of(Tool("read_note", server: "other"))]));
        Assert.Equal("passes", await Call(owned, "read_note", Tool("read_note", server: "notes")));
    }

    [Fact]
    public async Task AToolThatComesBackUnderAnotherNameIsAChange()
    {
        var guard = Given.Guard(Given.Open);
        await Shown(guard, Tool("read_note"), Tool("other", ""));
        Assert.Equal("tool/changed", await Call(guard, "fetch_note", Tool("fetch_note"), Tool("another", "")));
        Assert.Equal("passes", await Call(guard, "another", Tool("fetch_note"), Tool("another", "")));                          // two tools that say nothing of themselves are not one
        Assert.Equal("passes", await Call(guard, "copy_note", Tool("read_note"), Tool("copy_note")));                           // the old one is still there
        Assert.Equal("passes", await Call(guard, "load_note", Tool("load_note", server: "other")));                             // another server's
    }

    [Fact]
    public async Task TwoToolsThatOnlySeparatorsTellApartAreNoneUnlessTheyAreTheSame()
    {
        Assert.Equal("tool/look-alike", await Call(Given.Guard(Given.Open), "read_note", Tool("read_note"), Tool("read-note", "Something else.")));
        Assert.Equal("passes", await Call(Given.Guard(Given.Open), "read_note", Tool("read_note"), Tool("read-note")));   // a kernel's function by both of its names
    }

    [Fact]
    public async Task TheOrderInWhichToolsAreOfferedDoesNotMatter()
    {
        ToolInfo[] tools = [Tool("read_note", server: "a"), Tool("read_n0te", server: "b"), Tool("x-y"), Tool("x_y", "Something else."), Tool("send"), Tool("Send", "Something else.")];
        var shown = new HashSet<string>();
        for (var i = 0; i < tools.Length; i++)
        {
            var guard = Given.Guard(Given.Open);
            shown.Add(await Shown(guard, [.. tools[i..], .. tools[..i]]));
        }

        Assert.Equal([""], shown);
    }

    [Fact]
    public async Task WhateverComesAtOnceOneDefinitionIsApproved()
    {
        var guard = Given.Guard(Given.Open);
        var shown = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () => (i % 2, await Shown(guard, Tool("get", $"Gets {i % 2}."))), Given.Cancel)));
        var winners = shown.Where(static result => result.Item2 == "get").Select(static result => result.Item1).ToHashSet();
        Assert.Single(winners);
        Assert.Equal(32, shown.Count(result => result.Item2 == "get"));
    }

    [Fact]
    public async Task PinsAreBoundedAndWhatIsBeyondIsNotApproved()
    {
        var guard = Given.Guard(Given.Open, more: static builder => builder.UseToolPins(Enumerable.Range(0, ToolPinning.MaxPins - 1).Select(static i => ToolPin.Of(Tool($"tool_{i}", "")))));
        Assert.Equal("a", await Shown(guard, Tool("a"), Tool("b", "B.")));
        Assert.Equal("tool/unpinned", await Call(guard, "b", Tool("a"), Tool("b", "B.")));
        await Assert.ThrowsAsync<ToolPinException>(() => guard.Tools.ApproveAsync(ToolPin.Of(Tool("b", "B.")), Given.Cancel).AsTask());
        await guard.Tools.ApproveAsync(ToolPin.Of(Tool("a", "A.")), Given.Cancel);   // one that has a pin needs no room
        for (var i = 0; i < 600; i++)
        {
            await Shown(guard, Tool("a", $"Another {i}."));
        }

        Assert.Equal(256, guard.Tools.Refused.Count);
    }

    [Fact]
    public async Task MonitorHidesNothingAndSaysSo()
    {
        var events = new List<AegisEvent>();
        var guard = Given.Guard(Given.Open with { Mode = PolicyMode.Monitor }, more: builder => builder.AddSink(new Sink(events)));
        await Shown(guard, Tool("get"));
        Assert.Equal("get", await Shown(guard, Tool("get", "Gets more.")));
        Assert.Equal("passes", await Call(guard, "get", Tool("get", "Gets more.")));
        Assert.All(events.Where(static e => e.Verdict.Rule == "tool/changed"), static e => Assert.Equal(Decision.Flag, e.Decision));
        Assert.Equal(2, events.Count(static e => e.Verdict.Rule == "tool/changed"));
    }

    [Fact]
    public async Task AStoreThatFailsRefusesEveryToolAndTheModelStillAnswers()
    {
        var guard = Given.Guard(Given.Open, more: static builder => builder.UseToolPins(new BrokenStore()));
        Assert.Equal("", await Shown(guard, Tool("get")));
        var call = await guard.InspectAsync(new ToolCall("get", ToolArguments.Empty) { Tools = guard.ToolsetOf([Tool("get")]) }, Session, Given.Cancel);
        Assert.Equal(("tool/pins-unreadable", "the disk is gone"), (call.Verdict.Rule, call.Verdict.Deciding!.Detail));
        Assert.Equal("tool/pins-unreadable", Assert.Single(guard.Tools.Refused).Rule);
        await Assert.ThrowsAsync<ToolPinException>(() => guard.Tools.ApproveAsync(ToolPin.Of(Tool("get")), Given.Cancel).AsTask());
    }

    [Fact]
    public async Task AToolThatCannotBeReadIsRefused()
    {
        var guard = Given.Guard(Given.Open);
        var document = System.Text.Json.JsonDocument.Parse("{}");
        var tools = guard.ToolsetOf([Tool("get") with { Schema = document.RootElement }, Tool("send")]);
        document.Dispose();
        Assert.Equal("send", string.Join(' ', (await guard.InspectAsync(new ModelStep(tools), Session, Given.Cancel)).Subject.Tools.Tools.Select(static tool => tool.Name)));
    }

    [Fact]
    public void APolicyIsWiderThatTrustsMore()
    {
        var first = Given.Open;
        Assert.True(Pinned.IsNarrowerThan(first));
        Assert.False(first.IsNarrowerThan(Pinned));
        Assert.False((Given.Open with { ToolIntegrity = null }).IsNarrowerThan(first));
        Assert.True(first.IsNarrowerThan(Given.Open with { ToolIntegrity = null }));
    }

    [Fact]
    public void EveryPresetPins() => Assert.All(Presets.Names, static name => Assert.NotNull(AegisPolicy.Preset(name).ToolIntegrity));

    private static AegisPolicy Pinned { get; } = Given.Open with { ToolIntegrity = new() { Mode = ToolIntegrityMode.Pinned } };

    private static ToolInfo Tool(string name, string description = "Does it.", string? server = null) => new(name) { Description = description, Server = server };

    private static async Task<string> Shown(AegisGuard guard, params ToolInfo[] tools) =>
        string.Join(' ', (await guard.InspectAsync(new ModelStep(guard.ToolsetOf(tools)), Session, Given.Cancel)).Subject.Tools.Tools.Select(static tool => tool.Name));

    private static Task<string> Call(AegisGuard guard, string name, params ToolInfo[] tools) => guard.RuleOf(new ToolCall(name, ToolArguments.Empty) { Tools = guard.ToolsetOf(tools) }, Session);

    private static async Task<IReadOnlyList<RefusedTool>> RefusedAfter(AegisGuard guard, params ToolInfo[] tools)
    {
        await Shown(guard, tools);
        return guard.Tools.Refused;
    }

    private sealed class Sink(List<AegisEvent> events) : IEventSink
    {
        public void Write(AegisEvent e)
        {
            lock (events)
            {
                events.Add(e);
            }
        }
    }

    private sealed class BrokenStore : IToolPinStore
    {
        public ValueTask<IReadOnlyList<ToolPin>> ReadAsync(CancellationToken cancellationToken) => throw new ToolPinException("the disk is gone");

        public ValueTask<IReadOnlyList<ToolPin>> UpdateAsync(Func<IReadOnlyList<ToolPin>, IReadOnlyList<ToolPin>> change, CancellationToken cancellationToken) => throw new ToolPinException("the disk is gone");
    }
}
