using Aegis.ExtensionsAI;
using Aegis.Streaming;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>One call of an app to a service of its kernel, with all of its model steps.</summary>
internal sealed class KernelCall(AegisGuard guard, ChatHistory history, PromptExecutionSettings? settings, Kernel? kernel)
{
    private readonly Dictionary<AI.ChatMessage, ChatMessageContent> _messages = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<AI.AIContent, KernelContent> _items = new(ReferenceEqualityComparer.Instance);
    private Dictionary<string, object?>? _metadata;
    private int _sent;

    /// <summary>Model requests after which a kernel's loop invokes no more functions.</summary>
    public const int MaxSteps = 128;

    /// <summary>The app's.</summary>
    public ChatHistory History => history;

    public Kernel? Kernel => kernel;

    /// <summary>The app's; a caller's instance may be frozen and is never changed.</summary>
    public PromptExecutionSettings? Settings => settings;

    /// <summary>Whether contents may leave that no guard can read: where the policy has no pattern for answers.</summary>
    public bool KeepsUnread => guard.Pipeline.Policy.KeepsUnread || guard.Pipeline.Policy.IsMonitor;

    /// <summary>The model that the last answer came from.</summary>
    public string? ModelId { get; set; }

    /// <summary>The history as guards read it.</summary>
    public List<AI.ChatMessage> Messages()
    {
        _messages.Clear();
        _items.Clear();
        var session = KernelRuns.Session(guard);
        foreach (var content in history.SelectMany(static message => message.Items.OfType<FunctionCallContent>()))
        {
            CallLink.Adopt(content, name => ReleasedCalls.Of(guard).Find(session, content, name));
        }

        return [.. history.Select(message => Register(MessageReader.Read(message, _items), message))];
    }

    /// <summary>The history as it is signed.</summary>
    public IReadOnlyList<AI.ChatMessage> Sent()
    {
        _sent = history.Count;
        return [.. history.Select(MessageReader.ReadSigned)];
    }

    /// <summary>What has been added to it since, as it is signed: the steps of the loop, and what leaves now.</summary>
    public IReadOnlyList<AI.ChatMessage> Added(IEnumerable<AI.ChatMessage> leaving)
    {
        List<ChatMessageContent> steps = [.. history.Skip(_sent)];
        var calls = steps.SelectMany(static message => message.Items.OfType<FunctionCallContent>()).Select(static call => call.Id).ToHashSet(StringComparer.Ordinal);
        return [.. steps.Select(MessageReader.ReadSigned), .. Behind(calls, [.. leaving]).Select(message => MessageReader.ReadSigned(MessageWriter.ToApp(message, KeepsUnread)))];
    }

    /// <summary>A stream shows the steps of the loop too, which the loop has put into the history.</summary>
    private static IEnumerable<AI.ChatMessage> Behind(HashSet<string?> calls, List<AI.ChatMessage> leaving)
    {
        var last = leaving.FindLastIndex(message => message.Contents.Any(IsStep));
        if (last < 0)
        {
            return leaving;
        }

        var rest = leaving[last].Clone();
        rest.Contents = [.. leaving[last].Contents.Reverse().TakeWhile(content => !IsStep(content)).Reverse()];
        return rest.Contents.Count > 0 ? leaving.Skip(last + 1).Prepend(rest) : leaving.Skip(last + 1);

        bool IsStep(AI.AIContent content) => content is AI.FunctionCallContent call && calls.Contains(call.CallId);
    }

    /// <summary>What the app wants of functions, at a step.</summary>
    public FunctionChoiceBehaviorConfiguration? ChoiceAt(int step) =>
        settings?.FunctionChoiceBehavior?.GetConfiguration(new(history) { Kernel = kernel, RequestSequenceIndex = step });

    /// <summary>The messages of one step as the service may read them; those that no guard has changed are the app's own.</summary>
    public ChatHistory ToService(IEnumerable<AI.ChatMessage> messages) =>
        new(messages.Select(message => _messages.TryGetValue(message, out var known) ? known : MessageWriter.ToService(message, _items)));

    /// <summary>The settings of one step: its tools, none of which the service may invoke.</summary>
    public PromptExecutionSettings? SettingsFor(AI.ChatOptions options)
    {
        if (settings?.FunctionChoiceBehavior is null)
        {
            return settings;
        }

        var functions = options.Tools?.OfType<KernelTool>().Select(static tool => tool.Function).ToList() ?? [];
        var given = ChoiceAt(0)?.Options;
        var how = new FunctionChoiceBehaviorOptions
        {
            AllowParallelCalls = given?.AllowParallelCalls,
            AllowStrictSchemaAdherence = given?.AllowStrictSchemaAdherence ?? false,
            RetainArgumentTypes = true,   // the provider reads the calls again as the model wrote them
        };
        var step = settings.Clone();
        step.FunctionChoiceBehavior = options.ToolMode switch
        {
            AI.RequiredChatToolMode when functions.Count > 0 => FunctionChoiceBehavior.Required(functions, autoInvoke: false, how),
            AI.NoneChatToolMode => FunctionChoiceBehavior.None(functions, how),
            _ => FunctionChoiceBehavior.Auto(functions, autoInvoke: false, how),
        };
        return step;
    }

    /// <summary>The kernel for services that invoke functions by themselves, with a filter of the guard.</summary>
    /// <param name="offersAll">Whether the service shows the model all functions of the kernel; else only those of the settings, which have been read.</param>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    public async ValueTask<Kernel?> FilteredKernelAsync(bool offersAll, CancellationToken cancellationToken)
    {
        if (kernel is null)
        {
            return null;
        }

        var isFiltered = kernel.AutoFunctionInvocationFilters.OfType<AegisAutoFunctionFilter>().Any(filter => ReferenceEquals(filter.Guard, guard));
        var hidden = offersAll ? await PoisonAsync(kernel, cancellationToken) : [];
        if (isFiltered && hidden.Count == 0)
        {
            return kernel;
        }

        var filtered = kernel.Clone();
        if (!isFiltered)
        {
            filtered.AutoFunctionInvocationFilters.Add(new AegisAutoFunctionFilter(guard));
        }

        foreach (var plugin in kernel.Plugins.Where(plugin => plugin.Any(hidden.Contains)))
        {
            filtered.Plugins.Remove(plugin);
            filtered.Plugins.Add(new ReadablePlugin(plugin, hidden));
        }

        return filtered;
    }

    /// <summary>A message that a service with a loop of its own has written, as the app may keep it.</summary>
    public async ValueTask<ChatMessageContent> StepOfServiceAsync(ChatMessageContent message, CancellationToken cancellationToken)
    {
        if (KeepsUnread || AegisAmbient.Current.Run is not { } run || message.Role != AuthorRole.Assistant)
        {
            return message;   // results have passed the filter
        }

        var read = message.Items.Where(static item => item is TextContent or ReasoningContent).ToList();
        var texts = read.ConvertAll(static item => (item as TextContent)?.Text ?? (item as ReasoningContent)?.Text ?? "");
        var monitor = new StreamMonitor(guard.Pipeline, run);
        var shown = (await monitor.PushAsync(string.Concat(texts), cancellationToken)).ToString() + await monitor.FlushAsync(cancellationToken);
        if (monitor.Stopped is null && string.Equals(shown, string.Concat(texts), StringComparison.Ordinal))
        {
            return guard.Policy.KeepRaw ? message : AnswerText.Bare(message);
        }

        var items = new ChatMessageContentItemCollection { new TextContent(monitor.Stopped is null ? shown : Notices.BlockedInput) };
        foreach (var item in message.Items.Except(read))
        {
            items.Add(item);
        }

        return new(message.Role, items, message.ModelId) { AuthorName = message.AuthorName };
    }

    /// <summary>An answer of the service in the words that guards read.</summary>
    public AI.ChatMessage Answer(ChatMessageContent message)
    {
        var keepsTypes = ChoiceAt(0)?.Options.RetainArgumentTypes ?? false;
        Learn(message.Metadata, message.ModelId);
        var answer = new AI.ChatMessage(new AI.ChatRole(message.Role.Label), new List<AI.AIContent>()) { AuthorName = message.AuthorName };
        foreach (var item in message.Items)
        {
            answer.Contents.Add(item switch
            {
                TextContent text => new AI.TextContent(text.Text ?? ""),
                ReasoningContent thought => new AI.TextReasoningContent(thought.Text),
                FunctionCallContent call => CallLink.Make(call.PluginName, call.FunctionName, call.Id, call.Arguments, keepsTypes, call.Exception).Call,
                FunctionResultContent result => new AI.FunctionResultContent(result.CallId ?? "", ResultText.Of(result.Result) is { } answered ? ResultText.Readable(answered) : new OpaqueContent(item)),
                _ => new OpaqueContent(item),
            });
        }

        return answer;
    }

    /// <summary>Remembers what a service says beside its text.</summary>
    public void Learn(IReadOnlyDictionary<string, object?>? metadata, string? modelId)
    {
        ModelId = modelId ?? ModelId;
        foreach (var (name, value) in metadata is null ? [] : guard.Policy.KeepRaw ? metadata : Metadata.Safe(metadata))
        {
            if (value is not null || _metadata?.ContainsKey(name) != true)
            {
                (_metadata ??= [])[name] = value;
            }
        }
    }

    /// <summary>What the app reads beside the text.</summary>
    public IReadOnlyDictionary<string, object?>? MetadataOf(AI.ChatFinishReason? reason, AI.AdditionalPropertiesDictionary? properties)
    {
        var refused = properties?.TryGetValue(Metadata.Aegis, out var mark) == true ? mark : null;
        var signature = properties?.TryGetValue(SignedMessages.Property, out var code) == true ? code : null;
        if (_metadata is null && refused is null && signature is null)
        {
            return null;
        }

        var metadata = new Dictionary<string, object?>(_metadata ?? []);
        metadata.Remove(SignedMessages.Property);   // a service's word
        if (signature is not null)
        {
            metadata[SignedMessages.Property] = signature;
        }

        if (refused is not null)
        {
            metadata[Metadata.Aegis] = refused;
            metadata[Metadata.FinishReason] = reason == AI.ChatFinishReason.ContentFilter ? "ContentFilter" : reason?.Value;
        }

        return metadata;
    }

    /// <summary>Functions that say of themselves what no model may read.</summary>
    private async ValueTask<HashSet<KernelFunction>> PoisonAsync(Kernel offering, CancellationToken cancellationToken)
    {
        var poison = new HashSet<KernelFunction>(ReferenceEqualityComparer.Instance);
        if (AegisAmbient.Current.Run is not { } run || guard.Pipeline.Policy.IsMonitor)
        {
            return poison;
        }

        foreach (var function in offering.Plugins.SelectMany(static plugin => plugin))
        {
            if (!await KernelGate.Of(guard).IsReadableAsync(run, function, cancellationToken))
            {
                poison.Add(function);
            }
        }

        return poison;
    }

    private AI.ChatMessage Register(AI.ChatMessage read, ChatMessageContent message)
    {
        if (read.RawRepresentation is null && !read.Contents.Any(static content => content is AI.FunctionCallContent call && CallLink.Find(call) is { Sent: { } sent, Content: var item } && !ReferenceEquals(sent, item.Arguments)))
        {
            _messages[read] = message;   // else it is written anew, with the calls as the model wrote them
        }

        return read;
    }
}
