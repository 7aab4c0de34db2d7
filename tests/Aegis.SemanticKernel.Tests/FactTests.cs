using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using ChatMessageContent = Microsoft.SemanticKernel.ChatMessageContent;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;

namespace Aegis.SemanticKernel.Tests;

/// <summary>What Aegis relies on in Semantic Kernel: when an upgrade changes it, it is noticed here.</summary>
public sealed class FactTests : IAsyncDisposable
{
    private readonly List<string> _log = [];
    private LoopbackOpenAIServer? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task FiltersOfTheServicesComeBeforeThoseThatAreAddedAndTheFirstIsOutermost()
    {
        var kernel = await KernelAsync([Call(), ScriptedTurn.Say("done")], builder => builder.Services.AddSingleton<IFunctionInvocationFilter>(new Filter(_log, "services")));
        kernel.FunctionInvocationFilters.Add(new Filter(_log, "added"));
        kernel.PromptRenderFilters.Add(new Filter(_log, "prompt"));
        kernel.AutoFunctionInvocationFilters.Add(new Filter(_log, "auto"));
        await kernel.InvokePromptAsync("go", new(Auto()));
        Assert.Equal(["services:prompt-function", "added:prompt-function", "prompt", "auto", "services:search", "added:search", "search x"], _log);
    }

    [Fact]
    public async Task WhenStreamingTheFunctionFilterHasReturnedBeforeThePromptIsRendered()
    {
        var kernel = await KernelAsync([ScriptedTurn.Say("done")]);
        kernel.FunctionInvocationFilters.Add(new Filter(_log, "function", after: true));
        kernel.PromptRenderFilters.Add(new Filter(_log, "prompt"));
        await DrainAsync(kernel.InvokePromptStreamingAsync("go"));
        Assert.Equal(["function:prompt-function", "function:prompt-function returned", "prompt"], _log);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task AnAutoFilterSeesIndexesTheStepAndTheHistoryWithIt(bool isStreaming)
    {
        var kernel = await KernelAsync([ScriptedTurn.CallAll(Made("a"), Made("b")), Call("c"), ScriptedTurn.Say("done")]);
        kernel.AutoFunctionInvocationFilters.Add(new AutoFilter((context, next) =>
        {
            _log.Add($"{context.RequestSequenceIndex} {context.FunctionSequenceIndex}/{context.FunctionCount} {context.ToolCallId} {context.IsStreaming} {context.ChatHistory.Count} {context.ChatHistory[^1].Role.Label.ToUpperInvariant()} {context.Function.PluginName}-{context.Function.Name}");
            return next(context);
        }));
        await AskAsync(kernel, isStreaming);
        _log.RemoveAll(static line => line == "search x");
        Assert.Equal([$"0 0/2 a {isStreaming} 2 ASSISTANT Files-search", $"0 1/2 b {isStreaming} 3 TOOL Files-search", $"1 0/1 c {isStreaming} 5 ASSISTANT Files-search"], _log);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ADenialIsAResult(bool isStreaming)
    {
        var kernel = await KernelAsync([Call(), ScriptedTurn.Say("sorry")]);
        kernel.AutoFunctionInvocationFilters.Add(new AutoFilter((context, _) =>
        {
            context.Result = new FunctionResult(context.Result, "no");
            return Task.CompletedTask;
        }));
        Assert.Equal("sorry", await AskAsync(kernel, isStreaming));
        Assert.Contains("\"content\":\"no\"", Sent, StringComparison.Ordinal);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task TerminateInTheMiddleOfASerialStepLeavesCallsWithoutResultsAndReturnsTheToolMessage()
    {
        var kernel = await KernelAsync([ScriptedTurn.CallAll(Made("a"), Made("b"))]);
        kernel.AutoFunctionInvocationFilters.Add(new AutoFilter(async (context, next) =>
        {
            await next(context);
            context.Terminate = true;
        }));
        ChatHistory history = [new ChatMessageContent(AuthorRole.User, "go")];
        var answer = await kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, Auto(), kernel, Token);
        Assert.Equal(AuthorRole.Tool, answer.Role);
        Assert.Equal(1, history.Count(static message => message.Role == AuthorRole.Tool));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ExceptionsOfFiltersAreShownToTheModelCancellationsToo(bool isCancellation)
    {
        var kernel = await KernelAsync([Call(), ScriptedTurn.Say("sorry")]);
        kernel.AutoFunctionInvocationFilters.Add(new AutoFilter((_, _) => throw (isCancellation ? new OperationCanceledException("secret detail") : new InvalidOperationException("secret detail"))));
        Assert.Equal("sorry", await AskAsync(kernel, isStreaming: false));
        Assert.Contains("secret detail", Sent, StringComparison.Ordinal);
    }

    [Theory, InlineData(false, 0), InlineData(true, 1)]
    public async Task AResultOfAPromptFilterIsIgnoredWhenStreaming(bool isStreaming, int requests)
    {
        var kernel = await KernelAsync([ScriptedTurn.Say("asked")]);
        kernel.PromptRenderFilters.Add(new Prompt(context => context.Result = new FunctionResult(context.Function, "refused")));
        Assert.Equal(isStreaming ? "asked" : "refused", isStreaming ? await DrainAsync(kernel.InvokePromptStreamingAsync("go")) : (await kernel.InvokePromptAsync("go")).ToString());
        Assert.Equal(requests, _server!.Requests.Count);
    }

    [Theory, InlineData("SECRET", "secret"), InlineData("[redacted]", "[redacted]")]
    public async Task AChangeOfLetterCaseAloneInARenderedPromptIsIgnored(string changed, string sent)
    {
        var kernel = await KernelAsync([ScriptedTurn.Say("done")]);
        kernel.PromptRenderFilters.Add(new Prompt(context => context.RenderedPrompt = changed));
        await kernel.InvokePromptAsync("secret");
        Assert.Contains($"\"content\":\"{sent}\"", Sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PromptFiltersDoNotSeeDirectCallsOfAService()
    {
        var kernel = await KernelAsync([ScriptedTurn.Say("done")]);
        kernel.PromptRenderFilters.Add(new Filter(_log, "prompt"));
        await AskAsync(kernel, isStreaming: false);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task AManualLoopRunsFunctionFiltersOnly()
    {
        var kernel = await KernelAsync([]);
        kernel.FunctionInvocationFilters.Add(new Filter(_log, "function"));
        kernel.AutoFunctionInvocationFilters.Add(new Filter(_log, "auto"));
        await new FunctionCallContent("search", "Files", "a", new() { ["value"] = "x" }).InvokeAsync(kernel, Token);
        Assert.Equal(["function:search", "search x"], _log);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task FunctionsOfAPluginAsAIFunctionsRunNoFilterAndTheObsoleteWrapperRunsFunctionFilters(bool isObsolete)
    {
        var kernel = await KernelAsync([]);
        kernel.FunctionInvocationFilters.Add(new Filter(_log, "function"));
        var plugin = kernel.Plugins["Files"];
        var function = isObsolete ? plugin["search"].AsAIFunction(kernel) : plugin.AsAIFunctions(kernel).Single();
        await function.InvokeAsync(new() { ["value"] = "x" }, Token);
        Assert.Equal(isObsolete ? ["function:search", "search x"] : ["search x"], _log);
        Assert.Equal("Microsoft.SemanticKernel.KernelFunction+KernelAIFunction", plugin["search"].AsAIFunction(kernel).GetType().FullName);   // KernelGate knows it by name
        Assert.Equal("Files_search", function.Name);
    }

    [Fact]
    public async Task TheChatClientLoopOfKernelsDemandsKernelFunctionsAndRunsFiltersOnlyWithItsOwnOptions()
    {
        var kernel = await KernelAsync([]);
        var loop = new ScriptedChatClient().AsBuilder().UseKernelFunctionInvocation().Build().GetService<FunctionInvokingChatClient>()!;
        Assert.Equal("Microsoft.Extensions.AI.KernelFunctionInvokingChatClient", loop.GetType().FullName);   // the adapter knows both by name
        var options = Auto().ToChatOptions(kernel)!;
        Assert.Equal("Microsoft.Extensions.AI.KernelChatOptions", options.GetType().FullName);
        Assert.Same(kernel, options.GetType().GetProperty("Kernel")!.GetValue(options));
        Assert.Equal(options.GetType(), options.Clone().GetType());
        Assert.Equal(["Files_search"], options.Tools!.Select(static tool => tool.Name));
        Assert.Equal(128, loop.MaximumIterationsPerRequest);

        var client = new ScriptedChatClient(ScriptedTurn.Call("Files_search", new { value = "x" })).AsBuilder().UseKernelFunctionInvocation().Build();
        options.Tools = [new Wrapped((AIFunction)options.Tools![0])];
        var response = await client.GetResponseAsync("go", options, Token);
        Assert.Empty(_log);
        Assert.Contains(response.Messages.SelectMany(static message => message.Contents).OfType<Microsoft.Extensions.AI.FunctionResultContent>(), static result => result.Exception is InvalidOperationException);
    }

    [Fact]
    public async Task FrozenSettingsRefuseChangesAndTheirClonesDoNot()
    {
        var settings = Auto();
        settings.Freeze();
        Assert.Throws<InvalidOperationException>(() => settings.FunctionChoiceBehavior = null);
        Assert.IsType<OpenAIPromptExecutionSettings>(settings.Clone()).FunctionChoiceBehavior = null;
        var kernel = await KernelAsync([]);
        Assert.Equal("Microsoft.SemanticKernel.Services.OrderedAIServiceSelector", kernel.ServiceSelector.GetType().FullName);   // the prompt filter trusts it by name
    }

    [Fact]
    public void OnlyPromptsHaveSettingsForAModel()
    {
        Assert.NotNull(KernelFunctionFactory.CreateFromPrompt("go").ExecutionSettings);
        Assert.Null(KernelFunctionFactory.CreateFromPrompt("go").PluginName);
        Assert.Null(KernelFunctionFactory.CreateFromMethod(() => "x", "search").ExecutionSettings);
    }

    [Fact]
    public void AServiceIsRegisteredAsChatServiceAndTextServiceUnderItsKey()
    {
        var builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("model", "key", serviceId: "mine");
        Assert.Equal(["IChatCompletionService", "ITextGenerationService"], builder.Services.Where(static descriptor => descriptor.ServiceKey is "mine").Select(static descriptor => descriptor.ServiceType.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task BridgesBetweenTheFrameworksDoNotInvoke()
    {
        var kernel = await KernelAsync([Call(), Call()]);
        var client = kernel.GetRequiredService<IChatCompletionService>().AsChatClient();
        var response = await client.GetResponseAsync("go", new() { Tools = [.. kernel.Plugins["Files"]] }, Token);
        Assert.Contains(response.Messages[0].Contents, static content => content is Microsoft.Extensions.AI.FunctionCallContent);
        Assert.Empty(_log);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Sent => string.Join('\n', _server!.Requests.Select(static request => request.GetRawText()));

    private static OpenAIPromptExecutionSettings Auto() => new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

    private static ScriptedTurn Call(string id = "a") => ScriptedTurn.CallAll(Made(id));

    private static Microsoft.Extensions.AI.FunctionCallContent Made(string id) => new(id, "Files-search", new Dictionary<string, object?> { ["value"] = "x" });

    private static async Task<string> AskAsync(Kernel kernel, bool isStreaming)
    {
        var service = kernel.GetRequiredService<IChatCompletionService>();
        ChatHistory history = [new ChatMessageContent(AuthorRole.User, "go")];
        return isStreaming ? await DrainAsync(service.GetStreamingChatMessageContentsAsync(history, Auto(), kernel, Token)) : (await service.GetChatMessageContentAsync(history, Auto(), kernel, Token)).Content!;
    }

    private static async Task<string> DrainAsync<T>(IAsyncEnumerable<T> stream)
    {
        var text = "";
        await foreach (var item in stream)
        {
            text += item;
        }

        return text;
    }

    private async Task<Kernel> KernelAsync(ScriptedTurn[] turns, Action<IKernelBuilder>? configure = null)
    {
        _server = await LoopbackOpenAIServer.StartAsync(new ScriptedChatClient(turns), Token);
        var builder = Kernel.CreateBuilder().AddOpenAIChatCompletion("loopback", Some.OpenAI(_server));
        configure?.Invoke(builder);
        var kernel = builder.Build();
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod((string value) =>
        {
            _log.Add($"search {value}");
            return "found";
        }, "search")]);
        return kernel;
    }

    private sealed class Wrapped(AIFunction inner) : DelegatingAIFunction(inner);

    private sealed class AutoFilter(Func<AutoFunctionInvocationContext, Func<AutoFunctionInvocationContext, Task>, Task> run) : IAutoFunctionInvocationFilter
    {
        public Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next) => run(context, next);
    }

    private sealed class Prompt(Action<PromptRenderContext> change) : IPromptRenderFilter
    {
        public async Task OnPromptRenderAsync(PromptRenderContext context, Func<PromptRenderContext, Task> next)
        {
            await next(context);
            change(context);
        }
    }

    private sealed class Filter(List<string> log, string name, bool after = false) : IFunctionInvocationFilter, IPromptRenderFilter, IAutoFunctionInvocationFilter
    {
        public async Task OnFunctionInvocationAsync(Microsoft.SemanticKernel.FunctionInvocationContext context, Func<Microsoft.SemanticKernel.FunctionInvocationContext, Task> next)
        {
            var function = context.Function.ExecutionSettings is null ? context.Function.Name : "prompt-function";
            log.Add($"{name}:{function}");
            await next(context);
            if (after)
            {
                log.Add($"{name}:{function} returned");
            }
        }

        public Task OnPromptRenderAsync(PromptRenderContext context, Func<PromptRenderContext, Task> next)
        {
            log.Add(name);
            return next(context);
        }

        public Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
        {
            log.Add(name);
            return next(context);
        }
    }
}
