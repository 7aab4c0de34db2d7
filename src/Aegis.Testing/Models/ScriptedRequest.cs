using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>One request as a <see cref="ScriptedChatClient"/> received it. The list of messages is a copy; the messages and the options are the caller's own.</summary>
public sealed record ScriptedRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)
{
    /// <summary>The names of the tools offered, copied when the request arrived.</summary>
    public IReadOnlyList<string> ToolNames { get; } = [.. Options?.Tools?.Select(tool => tool.Name) ?? []];
}
