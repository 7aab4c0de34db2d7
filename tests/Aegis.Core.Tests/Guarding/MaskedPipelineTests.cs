using Aegis.Core.Tests.Sessions;

namespace Aegis.Core.Tests.Guarding;

/// <summary>When a step is to be taken again with the user's words hidden.</summary>
public class MaskedPipelineTests
{
    private static readonly SessionId Session = new("s");
    private static readonly AegisPolicy Masked = Given.Open with { Alignment = new() { MaskedReexecution = true } };

    [Theory]
    [InlineData("delete_it", true)]
    [InlineData("get_it", false)]
    public async Task WhatChangesSomethingOnceThereIsSomethingToDistrust(string tool, bool isWanted)
    {
        var guard = Given.Guard(Masked);
        var run = guard.Run(Session);
        Assert.False(await guard.Pipeline.WantsMaskedAsync([guard.Call(tool)], run, Given.Cancel));
        Assert.Equal("passes", await run.RuleOf(new ToolResult("page", "x")));
        Assert.Equal(isWanted, await guard.Pipeline.WantsMaskedAsync([guard.Call(tool)], run, Given.Cancel));
    }

    [Fact]
    public async Task WhatAnotherProcessHasReadCountsToo()
    {
        var store = new MemorySessionStore();
        var reader = Given.Guard(Masked, store: store);
        Assert.Equal("passes", await reader.Run(Session).RuleOf(new ToolResult("page", "x")));
        var other = Given.Guard(Masked, store: store);
        Assert.True(await other.Pipeline.WantsMaskedAsync([other.Call("delete_it")], other.Run(Session), Given.Cancel));
    }

    [Fact]
    public async Task AStoreThatFailsHasNotSaidThatNothingWasRead()
    {
        var guard = Given.Guard(Masked, store: new SeamStore { OnRead = static _ => throw new InvalidOperationException() });
        Assert.True(await guard.Pipeline.WantsMaskedAsync([guard.Call("delete_it")], guard.Run(Session), Given.Cancel));
    }
}
