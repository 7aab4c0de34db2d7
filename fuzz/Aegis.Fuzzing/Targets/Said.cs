using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Fuzzing.Targets;

/// <summary>
/// A conversation as a plain list of what was said, made without anything of Aegis: messages of the host that lead it, and messages that say nothing, are not in it.
/// </summary>
internal sealed class Said
{
    private readonly List<(string Text, ChatMessage Message)> _messages = [];

    public Said(IEnumerable<ChatMessage> messages)
    {
        foreach (var message in messages.SkipWhile(static message => message.Role == ChatRole.System || string.Equals(message.Role.Value, "developer", StringComparison.OrdinalIgnoreCase)))
        {
            var contents = message.Contents.Select(static content => Of(content)).OfType<string>().ToList();
            if (contents.Count > 0 || (message.Role == ChatRole.User && !message.Contents.Any(static content => content is ToolApprovalResponseContent)))
            {
                _messages.Add(($"{message.Role.Value.ToLowerInvariant()} {message.AuthorName} {string.Join('\u001F', contents)}", message));
            }
        }
    }

    public int Count => _messages.Count;

    /// <summary>How many of its first messages are those of another one.</summary>
    public int Shares(Said other) => _messages.Zip(other._messages).TakeWhile(static pair => string.Equals(pair.First.Text, pair.Second.Text, StringComparison.Ordinal)).Count();

    /// <summary>Whether anything behind the first so many is not a user's: but for one result of each call that they leave open, which a client may give.</summary>
    public bool ClaimsBehind(int count)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var content in _messages.Take(count).SelectMany(static said => said.Message.Contents))
        {
            _ = content is FunctionCallContent call ? open.Add(call.CallId) : content is FunctionResultContent result && open.Remove(result.CallId);
        }

        return _messages.Skip(count).Any(said => said.Message.Role != ChatRole.User && said.Message.Contents.Any(content =>
            content is FunctionResultContent result && said.Message.Role != ChatRole.Assistant ? !open.Remove(result.CallId) : Of(content) is not null));
    }

    private static string? Of(AIContent content) => content switch
    {
        UsageContent or ToolApprovalRequestContent or ToolApprovalResponseContent or TextContent { Text.Length: 0 } or TextReasoningContent { Text.Length: 0, ProtectedData: null } => null,
        TextContent text => $"text {text.Text}",
        TextReasoningContent thought => $"thought {thought.Text} {thought.ProtectedData}",
        FunctionCallContent call => $"call {call.CallId} {call.Name} {Json(call.Arguments)}",
        FunctionResultContent result => $"result {result.CallId} {Json(result.Result)}",
        DataContent data => $"data {data.MediaType} {data.Name} {Convert.ToBase64String(data.Data.Span)}",
        UriContent uri => $"uri {uri.MediaType} {uri.Uri.OriginalString}",
        _ => content.GetType().Name,
    };

    private static string Json(object? value) => JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));
}
