using Aegis.SemanticKernel.Tests.Arrangements;
using Aegis.Testing;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;

namespace Aegis.SemanticKernel.Tests;

/// <summary>A guarded service streams text and calls in the order in which the model said them.</summary>
public sealed class StreamOrderTests
{
    [Theory]
    [InlineData(nameof(Place.Services))]
    [InlineData(nameof(Place.Manual))]
    public async Task TextThatWasSaidBeforeCallsIsShownBeforeThem(string place)
    {
        var arrangement = new Arrangement(Enum.Parse<Place>(place), Streaming: true, Concurrent: false);
        await using var agent = await ArrangedKernel.StartAsync(arrangement, AegisGuard.Create(Some.Policy), static (kernel, step) => step == 1
            ? ScriptedTurn.CallAll(kernel.CallOf("search", "1", "a"), kernel.CallOf("search", "2", "b")) with { Text = "I look for ann" }
            : ScriptedTurn.Say("I found bea"));
        agent.Add(agent.Function("search"));
        var history = new ChatHistory("look");
        var settings = new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: arrangement.Place != Place.Manual) };
        var shown = new List<string>();
        await foreach (var chunk in agent.Kernel.GetRequiredService<IChatCompletionService>().GetStreamingChatMessageContentsAsync(history, settings, agent.Kernel, TestContext.Current.CancellationToken))
        {
            shown.AddRange(chunk.Items.Select(static item => item is StreamingFunctionCallUpdateContent call ? $"|call {call.Arguments}|" : item is StreamingTextContent text ? text.Text ?? "" : ""));
        }

        const string Said = """I look for ann|call {"value":"1"}||call {"value":"2"}|""";
        Assert.Equal(arrangement.Place == Place.Manual ? Said : $"{Said}I found bea", string.Concat(shown));
    }
}
