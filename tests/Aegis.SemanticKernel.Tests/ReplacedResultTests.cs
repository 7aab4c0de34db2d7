using Aegis.Policies;
using Aegis.Testing;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;

namespace Aegis.SemanticKernel.Tests;

/// <summary>A function's result is replaced by the data in it, by whichever of its names the policy wants the data.</summary>
public sealed class ReplacedResultTests
{
    private const string Mail = "Invoice 17, total 120.50.";
    private const string Data = """{"total":120.50}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, InlineData("search"), InlineData("Files-search"), InlineData("sea*")]
    public async Task AFunctionThatTheHostCallsReturnsData(string name)
    {
        var kernel = Add(Kernel.CreateBuilder().Build().UseAegis(Guard(name)));
        Assert.Equal(Data, (await kernel.InvokeAsync("Files", "search", cancellationToken: Token)).ToString());
        var streamed = "";
        await foreach (var piece in kernel.InvokeStreamingAsync<string>("Files", "search", cancellationToken: Token))
        {
            streamed += piece;
        }

        Assert.Equal(Data, streamed);
    }

    [Theory, InlineData("search"), InlineData("Files-search")]
    public async Task AModelReadsData(string name)
    {
        var model = new ScriptedChatClient(ScriptedTurn.Call("Files-search", new { }), ScriptedTurn.Say("done"));
        await using var server = await LoopbackOpenAIServer.StartAsync(model, Token);
        var kernel = Add(Kernel.CreateBuilder().AddOpenAIChatCompletion("loopback", Some.OpenAI(server)).AddAegis(Guard(name)).Build());
        await kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(new ChatHistory("go"), new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel, Token);
        var result = Assert.Single(model.Requests[^1].Messages.SelectMany(static message => message.Contents).OfType<Microsoft.Extensions.AI.FunctionResultContent>());
        Assert.Equal(Data, result.Result?.ToString());
    }

    private static AegisGuard Guard(string name) => AegisGuard.Create(
        Some.Policy with
        {
            Sandbox = new(),
            Tools = new Dictionary<string, ToolPolicy> { [name] = new() { Extract = new Dictionary<string, FieldPolicy> { ["total"] = new() { Type = FieldType.Number } }, ExtractWhen = ExtractWhen.Always } },
        },
        static builder => builder.UseExtractor(new Totals()));

    private static Kernel Add(Kernel kernel)
    {
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod(static () => Mail, "search")]);
        return kernel;
    }

    private sealed class Totals : IExtractor
    {
        public TokenUsage Estimate(ExtractionRequest request) => default;

        public ValueTask<ExtractorReply> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken) => new(new ExtractorReply(Data));
    }
}
