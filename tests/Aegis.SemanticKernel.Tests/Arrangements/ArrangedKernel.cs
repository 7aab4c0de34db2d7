using System.Text;
using Aegis.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using ChatMessageContent = Microsoft.SemanticKernel.ChatMessageContent;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;

namespace Aegis.SemanticKernel.Tests.Arrangements;

/// <summary>A kernel with the real OpenAI connector on a loopback server, in one arrangement, with what happened in it.</summary>
internal sealed class ArrangedKernel : IAsyncDisposable
{
    private readonly Arrangement _arrangement;
    private readonly LoopbackOpenAIServer _server;
    private readonly List<string> _ran = [];
    private int _steps;

    private ArrangedKernel(Arrangement arrangement, ScriptedChatClient model, LoopbackOpenAIServer server, AegisGuard guard, Action<IKernelBuilder>? configure)
    {
        (_arrangement, Model, _server) = (arrangement, model, server);
        var builder = Kernel.CreateBuilder();
        configure?.Invoke(builder);
        var client = Some.OpenAI(server);
        switch (arrangement.Place)
        {
            case Place.Filters:
                builder.AddOpenAIChatCompletion("loopback", client);
                break;
            case Place.Services or Place.Manual:
                builder.AddOpenAIChatCompletion("loopback", client).AddAegis(guard);
                break;
            case Place.ClientOutside:
                builder.AddOpenAIChatClient("loopback", client).AddAegis(guard);
                break;
            default:
                builder.Services.AddSingleton<IChatClient>(client.GetChatClient("loopback").AsIChatClient().AsBuilder().UseKernelFunctionInvocation().UseAegis(guard).Build());
                break;
        }

        Kernel = builder.Build();
        if (arrangement.Place is Place.Filters or Place.ClientInside)
        {
            Kernel.UseAegis(guard);
        }
    }

    public Kernel Kernel { get; }

    public ScriptedChatClient Model { get; }

    public ChatHistory History { get; } = [];

    /// <summary>Functions that ran, with their argument.</summary>
    public IReadOnlyList<string> Ran
    {
        get
        {
            lock (_ran)
            {
                return [.. _ran];
            }
        }
    }

    /// <summary>What the app was shown last.</summary>
    public string Said { get; private set; } = "";

    /// <summary>Everything that went over the wire.</summary>
    public string Sent => string.Join('\n', _server.Requests.Select(static request => request.GetRawText()));

    public int Requests => Model.Requests.Count;

    /// <summary>A function's name as the model writes it.</summary>
    public string Name(string function) => _arrangement.Place is Place.ClientInside or Place.ClientOutside ? $"Files_{function}" : $"Files-{function}";

    public static async Task<ArrangedKernel> StartAsync(Arrangement arrangement, AegisGuard guard, Func<ArrangedKernel, int, ScriptedTurn> script, Action<IKernelBuilder>? configure = null)
    {
        ArrangedKernel? made = null;
        var model = new ScriptedChatClient((_, _) => made!.Next(script));
        var server = await LoopbackOpenAIServer.StartAsync(model, TestContext.Current.CancellationToken);
        made = new(arrangement, model, server, guard, configure);
        return made;
    }

    /// <summary>A plugin <c>Files</c>.</summary>
    public void Add(params KernelFunction[] functions) => Kernel.Plugins.AddFromFunctions("Files", functions);

    /// <summary>A function that is known to have run.</summary>
    public KernelFunction Function(string name, Func<string, object?>? run = null, string? description = null) => KernelFunctionFactory.CreateFromMethod(
        (string value) =>
        {
            lock (_ran)
            {
                _ran.Add($"{name} {value}");
            }

            return run is null ? $"{name} did {value}" : run(value);
        },
        name,
        description);

    public ScriptedTurn Call(string function, string value = "x", string? id = null) => ScriptedTurn.Call(Name(function), new { value }, id);

    public Microsoft.Extensions.AI.FunctionCallContent CallOf(string function, string value = "x", string id = "") =>
        new(id, Name(function), new Dictionary<string, object?> { ["value"] = value });

    /// <summary>One turn of the user.</summary>
    public async Task<string> AskAsync(string text, CancellationToken cancellationToken = default)
    {
        History.AddUserMessage(text);
        var settings = new OpenAIPromptExecutionSettings
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: _arrangement.Place != Place.Manual, options: new() { AllowConcurrentInvocation = _arrangement.Concurrent }),
        };
        Said = _arrangement.Place is Place.ClientInside or Place.ClientOutside
            ? await AskClientAsync(settings, cancellationToken)
            : await AskServiceAsync(settings, cancellationToken);
        return Said;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task<string> AskClientAsync(PromptExecutionSettings settings, CancellationToken cancellationToken) =>
        await AskAsync(Kernel.GetRequiredService<IChatClient>().AsChatCompletionService(), settings, cancellationToken);

    private async Task<string> AskServiceAsync(PromptExecutionSettings settings, CancellationToken cancellationToken) =>
        await AskAsync(Kernel.GetRequiredService<IChatCompletionService>(), settings, cancellationToken);

    private async Task<string> AskAsync(IChatCompletionService service, PromptExecutionSettings settings, CancellationToken cancellationToken)
    {
        var shown = new StringBuilder();
        while (true)
        {
            var answer = _arrangement.Streaming ? await StreamAsync(service, settings, shown, cancellationToken) : await service.GetChatMessageContentAsync(History, settings, Kernel, cancellationToken);
            if (!_arrangement.Streaming)
            {
                shown.Append(answer.Content);
            }

            History.Add(answer);
            var calls = FunctionCallContent.GetFunctionCalls(answer).ToList();
            if (_arrangement.Place != Place.Manual || calls.Count == 0)
            {
                return shown.ToString();
            }

            foreach (var call in calls)
            {
                History.Add((await call.InvokeAsync(Kernel, cancellationToken)).ToChatMessage());
            }
        }
    }

    private async Task<ChatMessageContent> StreamAsync(IChatCompletionService service, PromptExecutionSettings settings, StringBuilder shown, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var calls = new FunctionCallContentBuilder();
        await foreach (var chunk in service.GetStreamingChatMessageContentsAsync(History, settings, Kernel, cancellationToken))
        {
            text.Append(chunk.Content);
            calls.Append(chunk);
        }

        shown.Append(text);
        var message = new ChatMessageContent(AuthorRole.Assistant, text.ToString());
        foreach (var call in _arrangement.Place == Place.Manual ? calls.Build() : [])
        {
            message.Items.Add(call);
        }

        return message;
    }

    /// <summary>Nothing here needs more than a hundred model steps; what takes more never ends.</summary>
    private ScriptedTurn Next(Func<ArrangedKernel, int, ScriptedTurn> script)
    {
        var step = Interlocked.Increment(ref _steps);
        return step <= 100 ? script(this, step) : ScriptedTurn.Fail(new InvalidOperationException("the loop never ends"));
    }
}
