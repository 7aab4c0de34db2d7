using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/judge.md.</summary>
public class JudgeSnippets
{
    [Fact]
    public async Task AJudgeIsOneLine()
    {
        IChatClient model = new ScriptedChatClient(ScriptedTurn.Say("Gladly."));
        var judgeModel = new ScriptedChatClient(ScriptedTurn.Say("I think it is fine."));
        // <judge>
        IChatClient client = model.AsBuilder()
            .UseAegisFunctionInvocation(
                AegisPolicy.Preset("balanced") with { Judge = new() { TriggerThreshold = 0.7 } },
                aegis => aegis.UseJudge(judgeModel))
            .Build();
        // </judge>
        Assert.Equal("Gladly.", (await client.GetResponseAsync("What is a lens?", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.Empty(judgeModel.Requests);
    }
}
