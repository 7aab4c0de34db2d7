using System.Text;
using System.Text.Json;
using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Aegis.SemanticKernel;

/// <summary>One streamed model step: text goes on as it comes, calls when they are whole.</summary>
internal sealed class StreamedStep(KernelCall call)
{
    private readonly SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)> _calls = [];

    public AI.ChatResponseUpdate Take(StreamingChatMessageContent chunk)
    {
        call.Learn(chunk.Metadata, chunk.ModelId);
        var update = new AI.ChatResponseUpdate
        {
            Role = chunk.Role is { } role ? new AI.ChatRole(role.Label) : null,
            AuthorName = chunk.AuthorName,
            ModelId = chunk.ModelId,
            FinishReason = Metadata.FinishReasonOf(chunk.Metadata),
        };
        foreach (var item in chunk.Items)
        {
            switch (item)
            {
                case StreamingTextContent text:
                    update.Contents.Add(new AI.TextContent(text.Text ?? ""));
                    break;
                case StreamingReasoningContent thought:
                    update.Contents.Add(new AI.TextReasoningContent(thought.Text ?? ""));
                    break;
                case StreamingFunctionCallUpdateContent delta:
                    var known = _calls.TryGetValue(delta.FunctionCallIndex, out var begun) ? begun : (null, null, new StringBuilder());
                    known.Arguments.Append(delta.Arguments);
                    _calls[delta.FunctionCallIndex] = (known.Id ?? NullIfEmpty(delta.CallId), known.Name ?? NullIfEmpty(delta.Name), known.Arguments);
                    break;
                default:
                    update.Contents.Add(new OpaqueContent(item));
                    break;
            }
        }

        if (Metadata.UsageOf(chunk.Metadata) is { } usage)
        {
            update.Contents.Add(new AI.UsageContent(usage));
        }

        return update;
    }

    /// <summary>The service has answered the calls that came so far.</summary>
    public void Forget() => _calls.Clear();

    /// <summary>The calls of the step; null when it made none.</summary>
    public AI.ChatResponseUpdate? End() => _calls.Count == 0 ? null
        : new(AI.ChatRole.Assistant, [.. _calls.Values.Select(made => Whole(made.Id, made.Name ?? "", made.Arguments.ToString()))]) { ModelId = call.ModelId };

    private AI.FunctionCallContent Whole(string? id, string name, string json)
    {
        var (plugin, function) = CallLink.Split(name);
        KernelArguments? arguments = null;
        Exception? error = null;
        try
        {
            arguments = json.Length == 0 ? null : JsonSerializer.Deserialize<Dictionary<string, object?>>(json) is { } values ? new(values) : null;
        }
        catch (JsonException)
        {
            error = new KernelException("Error: Function call arguments were invalid JSON.");
        }

        return CallLink.Make(plugin, function, id, arguments, call.ChoiceAt(0)?.Options.RetainArgumentTypes ?? false, error).Call;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
