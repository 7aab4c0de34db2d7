using System.Runtime.CompilerServices;
using Aegis.Policies;
using Aegis.SemanticKernel.Tests.Arrangements;
using Aegis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;

namespace Aegis.SemanticKernel.Tests;

/// <summary>What an attacker's review got past the first version; one test for each way.</summary>
public sealed class ReviewTests
{
    private static readonly AegisPolicy NoKeys = Some.Policy with { Output = new() { RedactPatterns = [@"key-\d{6}"], BlockPatterns = [@"code-\d{6}"] } };

    public static TheoryData<string> Judged => [.. Arrangement.All.Where(static arrangement => arrangement.Place is Place.Manual).Select(static arrangement => arrangement.ToString())];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, InlineData("KEY-123456"), InlineData("CODE-123456")]
    public async Task EveryTextOfAnAnswerIsRead(string secret)
    {
        var kernel = Filtered(new Service(new ChatMessageContent(AuthorRole.Assistant, [new TextContent("It is "), new TextContent(secret)])));
        Assert.DoesNotContain("123456", string.Concat((await kernel.InvokePromptAsync("tell")).GetValue<ChatMessageContent>()!.Items.OfType<TextContent>()), StringComparison.Ordinal);
    }

    [Theory, InlineData("KEY-123456"), InlineData("CODE-123456")]
    public async Task WhatAModelThinksIsRead(string secret)
    {
        var kernel = Filtered(new Service(new ChatMessageContent(AuthorRole.Assistant, [new ReasoningContent($"It is {secret}"), new TextContent("fine")])));
        Assert.DoesNotContain((await kernel.InvokePromptAsync("tell")).GetValue<ChatMessageContent>()!.Items, static item => item is ReasoningContent { Text: var text } && text.Contains("123456", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AProvidersMetadataDoesNotEndTheReading()
    {
        var kernel = Filtered(new Service(new ChatMessageContent(AuthorRole.Assistant, "KEY-123456", metadata: new Dictionary<string, object?> { ["aegis"] = "x" })));
        Assert.DoesNotContain("123456", (await kernel.InvokePromptAsync("tell")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachOfSeveralAnswersOfAStreamIsReadByItself()
    {
        var kernel = Filtered(new Service(
            new StreamingChatMessageContent(AuthorRole.Assistant, "KEY-", choiceIndex: 0),
            new StreamingChatMessageContent(AuthorRole.Assistant, "hello ", choiceIndex: 1),
            new StreamingChatMessageContent(AuthorRole.Assistant, "123456", choiceIndex: 0)));
        var shown = await ListAsync(kernel.InvokePromptStreamingAsync<StreamingChatMessageContent>("tell"));
        Assert.DoesNotContain("123456", string.Concat(shown.Where(static chunk => chunk.ChoiceIndex == 0)), StringComparison.Ordinal);
        Assert.Equal("hello ", string.Concat(shown.Where(static chunk => chunk.ChoiceIndex == 1)));
    }

    [Fact]
    public async Task WhatAModelThinksInAStreamIsRead()
    {
        StreamingChatMessageContent Thinks(string text) => new(AuthorRole.Assistant, null) { Items = [new StreamingReasoningContent(text)] };
        var kernel = Filtered(new Service(Thinks("It is KEY-"), Thinks("123456."), new StreamingChatMessageContent(AuthorRole.Assistant, "fine")));
        var shown = await ListAsync(kernel.InvokePromptStreamingAsync<StreamingChatMessageContent>("tell"));
        Assert.DoesNotContain("123456", string.Concat(shown.SelectMany(static chunk => chunk.Items).OfType<StreamingReasoningContent>().Select(static thought => thought.Text)), StringComparison.Ordinal);
        Assert.Equal("fine", string.Concat(shown.Select(static chunk => chunk.Content)));
    }

    [Theory, InlineData(true, false), InlineData(true, true), InlineData(false, false), InlineData(false, true)]
    public async Task WhatAPromptOfAPluginAnswersTheHostIsReadAsAnAnswer(bool isFiltersOnly, bool isStreaming)
    {
        var policy = NoKeys with { Capabilities = new() { Allow = ["*"] } };
        var service = isStreaming ? new Service(new StreamingChatMessageContent(AuthorRole.Assistant, "It is KEY-"), new StreamingChatMessageContent(AuthorRole.Assistant, "123456.")) : new Service(new ChatMessageContent(AuthorRole.Assistant, "It is KEY-123456."));
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IChatCompletionService>(service);
        var kernel = isFiltersOnly ? builder.Build().UseAegis(AegisGuard.Create(policy)) : builder.AddAegis(policy).Build();
        kernel.Plugins.AddFromFunctions("Writer", [KernelFunctionFactory.CreateFromPrompt("write", functionName: "letter")]);
        var shown = isStreaming ? string.Concat(await ListAsync(kernel.InvokeStreamingAsync<string>("Writer", "letter"))) : (await kernel.InvokeAsync("Writer", "letter")).ToString();
        Assert.StartsWith("It is ", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("123456", shown, StringComparison.Ordinal);
    }

    [Theory, InlineData(false, "KEY-123456"), InlineData(true, "KEY-123456"), InlineData(false, "CODE-123456"), InlineData(true, "CODE-123456")]
    public async Task AResultThatEndsALoopIsReadAsAnAnswer(bool isStreaming, string secret)
    {
        await using var agent = await ArrangedKernel.StartAsync(new(Place.Services, isStreaming, Concurrent: false), AegisGuard.Create(NoKeys), static (kernel, _) => kernel.Call("read"));
        agent.Add(agent.Function("read", _ => secret));
        agent.Kernel.AutoFunctionInvocationFilters.Add(new Ending());
        await agent.AskAsync("go");
        Assert.Single(agent.Ran);
        Assert.DoesNotContain("123456", agent.Said, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task AServiceWithALoopOfItsOwnWritesNoForbiddenTextIntoTheHistory(bool isStreaming)
    {
        await using var server = await LoopbackOpenAIServer.StartAsync(new ScriptedChatClient(ScriptedTurn.Call("Files-search", new { value = "x" }) with { Text = "It is KEY-123456." }, ScriptedTurn.Say("done")), Token);
        var kernel = Kernel.CreateBuilder().AddOpenAIChatCompletion("loopback", Some.OpenAI(server)).AddAegis(NoKeys).Build();
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod((string value) => value, "search")]);
        ChatHistory history = [new ChatMessageContent(AuthorRole.User, "go")];
        var settings = new OpenAIPromptExecutionSettings { ToolCallBehavior = ToolCallBehavior.AutoInvokeKernelFunctions };
        var service = kernel.GetRequiredService<IChatCompletionService>();
        var said = isStreaming ? string.Concat(await ListAsync(service.GetStreamingChatMessageContentsAsync(history, settings, kernel, Token))) : (await service.GetChatMessageContentAsync(history, settings, kernel, Token)).Content;
        Assert.EndsWith("done", said, StringComparison.Ordinal);
        Assert.Equal(3, history.Count);
        Assert.DoesNotContain(history, static message => message.Items.OfType<TextContent>().Any(static text => text.Text?.Contains("123456", StringComparison.Ordinal) == true));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task AServiceWithALoopOfItsOwnShowsNoPoisonedDescription(bool isText)
    {
        await using var server = await LoopbackOpenAIServer.StartAsync(new ScriptedChatClient(ScriptedTurn.Say("done")), Token);
        var kernel = Kernel.CreateBuilder().AddOpenAIChatCompletion("loopback", Some.OpenAI(server)).AddAegis(Some.Policy).Build();
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod((string value) => value, "search"), KernelFunctionFactory.CreateFromMethod((string value) => value, "read", Some.Injection)]);
        if (isText)
        {
            await kernel.GetRequiredService<Microsoft.SemanticKernel.TextGeneration.ITextGenerationService>().GetTextContentsAsync("go", new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }, kernel, Token);
        }
        else
        {
            await kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync("go", new OpenAIPromptExecutionSettings { ToolCallBehavior = ToolCallBehavior.AutoInvokeKernelFunctions }, kernel, Token);
        }

        var sent = server.Requests[0].GetRawText();
        Assert.Contains("Files-search", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("Ignore all", sent, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Judged))]
    public async Task ACallThatLeftForAManualLoopDoesNotRunInASessionThatWasLockedSince(string name)
    {
        var guard = AegisGuard.Create(Some.Policy);
        await using var agent = await ArrangedKernel.StartAsync(Arrangement.All.First(arrangement => arrangement.ToString() == name), guard, (kernel, step) =>
        {
            guard.Sessions.BanAsync(new SessionId("alice")).AsTask().Wait(Token);   // while the model writes the call
            return step == 1 ? kernel.Call("search") : ScriptedTurn.Say("done");
        });
        agent.Add(agent.Function("search"));
        using var scope = AegisScope.Begin("alice");
        await agent.AskAsync("go");
        Assert.Empty(agent.Ran);
    }

    [Fact]
    public async Task AYesToACallOfNobodyInParticularIsNotForAnybodyWhoCallsTheSame()
    {
        var asked = 0;
        var guard = AegisGuard.Create(Some.Policy with { Capabilities = new() { RequireApproval = ["Files-pay"] } }, builder => builder.UseApprover((_, _) => new(++asked == 1)));
        await using var agent = await ArrangedKernel.StartAsync(new(Place.Manual, Streaming: false, Concurrent: false), guard, static (kernel, step) => step == 1 ? kernel.Call("pay") : ScriptedTurn.Say("done"));
        agent.Add(agent.Function("pay"));
        var service = agent.Kernel.GetRequiredService<IChatCompletionService>();
        var answer = await service.GetChatMessageContentAsync("go", new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false) }, agent.Kernel, Token);
        Assert.Single(FunctionCallContent.GetFunctionCalls(answer));   // a person said yes, and the app does not run it
        await agent.Kernel.InvokeAsync("Files", "pay", new() { ["value"] = "x" }, Token);
        Assert.Equal(2, asked);
        Assert.Empty(agent.Ran);
    }

    [Fact]
    public async Task AServiceThatTheAppMadeIsNotDisposedWithTheKernelsContainer()
    {
        var service = new Service();
        var services = new ServiceCollection().AddSingleton<IChatCompletionService>(service);
        services.AddKernel().AddAegis(Some.Policy);
        await using (var provider = services.BuildServiceProvider())
        {
            Assert.NotNull(provider.GetRequiredService<IChatCompletionService>());
        }

        Assert.False(service.IsDisposed);
    }

    [Theory, InlineData("deny"), InlineData("ask"), InlineData("limit")]
    public async Task WhatRestrictsAFunctionCountsByItsBareNameToo(string how)
    {
        var policy = Some.Balanced with
        {
            Capabilities = new() { Allow = ["*"], Deny = how == "deny" ? ["delete_*"] : [], RequireApproval = how == "ask" ? ["delete_file"] : [] },
            Limits = new Dictionary<string, RateLimit> { ["delete_file"] = new(how == "limit" ? 0 : 9, TimeSpan.FromHours(1)) },
        };
        foreach (var arrangement in Arrangement.All)
        {
            await using var agent = await ArrangedKernel.StartAsync(arrangement, AegisGuard.Create(policy), static (kernel, step) => step == 1 ? kernel.Call("delete_file") : ScriptedTurn.Say("done"));
            agent.Add(agent.Function("delete_file"));
            await agent.AskAsync("go");
            await agent.Kernel.InvokeAsync("Files", "delete_file", new() { ["value"] = "x" }, Token);
            Assert.Empty(agent.Ran);
        }
    }

    [Fact]
    public async Task WhatAllowsAFunctionCountsByItsWholeNameAndTheRefusalSaysWhich()
    {
        await using var agent = await ArrangedKernel.StartAsync(new(Place.Services, Streaming: false, Concurrent: false), AegisGuard.Create(Some.Balanced with { Capabilities = new() { Allow = ["read"] } }), static (kernel, step) => step == 1 ? kernel.Call("read") : ScriptedTurn.Say("done"));
        agent.Add(agent.Function("read"));
        await agent.AskAsync("go");
        Assert.Empty(agent.Ran);
        Assert.Contains("add 'Files-read' to capabilities.allow", agent.Sent.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADeniedCallOfTheHostSaysSoInItsMetadataAndThrowsWhereThePolicySaysSo()
    {
        var kernel = new Kernel();
        kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod(() => 1, "delete")]);
        var throwing = kernel.Clone();
        kernel.UseAegis(AegisGuard.Create(Some.Policy));
        Assert.Equal(["capability/not-allowed"], Assert.IsType<AegisRefusal>((await kernel.InvokeAsync("Files", "delete")).Metadata!["aegis"]).Rules);
        throwing.UseAegis(AegisGuard.Create(Some.Policy with { OnBlock = OnBlock.Throw }));
        await Assert.ThrowsAsync<AegisBlockedException>(() => throwing.InvokeAsync<int>("Files", "delete"));
        await Assert.ThrowsAsync<AegisBlockedException>(() => ListAsync(throwing.InvokeStreamingAsync<string>("Files", "delete")));
    }

    private static Kernel Filtered(Service service)
    {
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IChatCompletionService>(service);
        return builder.Build().UseAegis(AegisGuard.Create(NoKeys));
    }

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> stream)
    {
        var items = new List<T>();
        await foreach (var item in stream)
        {
            items.Add(item);
        }

        return items;
    }

    private sealed class Service(params object[] answers) : IChatCompletionService, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public IReadOnlyDictionary<string, object?> Attributes { get; } = new Dictionary<string, object?>();

        public Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<ChatMessageContent>>([.. answers.OfType<ChatMessageContent>()]);

        public async IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(ChatHistory chatHistory, PromptExecutionSettings? executionSettings = null, Kernel? kernel = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var chunk in answers.OfType<StreamingChatMessageContent>())
            {
                await Task.Yield();
                yield return chunk;
            }
        }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Ending : IAutoFunctionInvocationFilter
    {
        public async Task OnAutoFunctionInvocationAsync(AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next)
        {
            await next(context);
            context.Terminate = true;
        }
    }
}
