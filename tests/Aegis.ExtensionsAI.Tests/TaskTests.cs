using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>A task holds for a request and for all that happens in it, wherever it is read.</summary>
public class TaskTests
{
    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced");

    private readonly List<string> _ran = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AStreamBelongsToTheTaskThatItWasMadeIn()
    {
        var (client, model) = Client(ScriptedTurn.Call("send_email", new { }, "a"), ScriptedTurn.Call("read_note", new { }, "b"), ScriptedTurn.Say("done"));
        IAsyncEnumerable<ChatResponseUpdate> stream;
        using (AegisScope.Narrow(AegisTask.Of("read_note")))
        {
            stream = client.GetStreamingResponseAsync("go", new() { Tools = Tools() }, Token);
        }

        Assert.Equal("done", (await stream.ToChatResponseAsync(Token)).Text);
        Assert.Equal(["read_note"], _ran);
        Assert.All(model.Requests, static request => Assert.Equal(["read_note"], request.ToolNames));
    }

    [Fact]
    public async Task AStreamThatIsReadInAnotherTaskIsNarrowedByBoth()
    {
        var (client, model) = Client(ScriptedTurn.Say("done"));
        IAsyncEnumerable<ChatResponseUpdate> stream;
        using (AegisScope.Narrow(AegisTask.Of("read_note", "find_note")))
        {
            stream = client.GetStreamingResponseAsync("go", new() { Tools = Tools() }, Token);
        }

        using (AegisScope.Narrow(AegisTask.Of("find_note", "send_email")))
        {
            await stream.ToChatResponseAsync(Token);
        }

        Assert.Equal(["find_note"], model.Requests[0].ToolNames);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASubAgentHasTheTaskOfTheAgentThatCallsIt(bool isOtherGuard)
    {
        var guard = AegisGuard.Create(Policy);
        var sub = new ScriptedChatClient(ScriptedTurn.Call("send_email", new { }, "x"), ScriptedTurn.Call("read_note", new { }, "y"), ScriptedTurn.Say("found"));
        var inner = sub.AsBuilder().UseAegisFunctionInvocation(isOtherGuard ? AegisGuard.Create(Policy) : guard).Build();
        var ask = AIFunctionFactory.Create(
            async () =>
            {
                using var wider = AegisScope.Narrow(AegisTask.Of("*"));
                return (await inner.GetResponseAsync("go", new() { Tools = Tools() }, Token)).Text;
            },
            "ask_agent");
        var client = new ScriptedChatClient(ScriptedTurn.Call("ask_agent", new { }, "a"), ScriptedTurn.Say("done")).AsBuilder().UseAegisFunctionInvocation(guard).Build();
        using (AegisScope.Narrow(AegisTask.Of("ask_agent", "read_note")))
        {
            Assert.Equal("done", (await client.GetResponseAsync("go", new() { Tools = [ask, .. Tools()] }, Token)).Text);
        }

        Assert.Equal(["read_note"], _ran);
        Assert.Equal(["read_note"], sub.Requests[0].ToolNames);
    }

    [Fact]
    public async Task AToolThatATaskLeavesOutDoesNotComeBackByBeingAddedInTheMiddle()
    {
        var (client, model) = Client(ScriptedTurn.Call("read_note", new { }, "a"), ScriptedTurn.Call("send_email", new { }, "b"), ScriptedTurn.Say("done"));
        var read = AIFunctionFactory.Create(
            () =>
            {
                FunctionInvokingChatClient.CurrentContext!.Options!.Tools!.Add(Tools().Single(static tool => tool.Name == "send_email"));
                return "";
            },
            "read_note");
        using (AegisScope.Narrow(AegisTask.Of("read_note")))
        {
            Assert.Equal("done", (await client.GetResponseAsync("go", new() { Tools = [read] }, Token)).Text);
        }

        Assert.Empty(_ran);
        Assert.Equal(["read_note"], model.Requests[1].ToolNames);
    }

    private static (IChatClient Client, ScriptedChatClient Model) Client(params ScriptedTurn[] turns)
    {
        var model = new ScriptedChatClient(turns);
        return (model.AsBuilder().UseAegisFunctionInvocation(AegisGuard.Create(Policy)).Build(), model);
    }

    private List<AITool> Tools() => [.. new[] { "read_note", "find_note", "send_email" }.Select(name => AIFunctionFactory.Create(
        () =>
        {
            _ran.Add(name);
            return "";
        },
        name))];
}
