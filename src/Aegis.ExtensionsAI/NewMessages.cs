using System.Text;
using Aegis.Scanning.Normalizing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Which messages of a request the model is to answer. A client that keeps the conversation writes all of it, so that only an answer which says something, and which something follows, makes what stands before it past.</summary>
internal static class NewMessages
{
    /// <summary>Where they begin. What the assistant is said to have said behind that is no answer: nothing, or the beginning of the next one.</summary>
    public static int In(List<ChatMessage> messages)
    {
        var last = messages.FindLastIndex(static message => message.Role != ChatRole.Assistant && Says(message));
        return last < 0 ? 0 : messages.FindLastIndex(last, static message => message.Role == ChatRole.Assistant && Says(message)) + 1;
    }

    /// <summary>Whether there is anything in it that a model can answer, or that answers something: not what nobody sees, thinks or can read.</summary>
    public static bool Says(ChatMessage message) => message.Contents.Any(static content => content switch
    {
        TextContent text => !IsBlank(text.Text),
        ErrorContent error => !IsBlank(error.Message) || !IsBlank(error.Details),
        DataContent data => data.Data.Length > 0,
        ToolCallContent or ToolResultContent or ToolApprovalRequestContent or ToolApprovalResponseContent or UriContent or HostedFileContent => true,
        _ => false,
    });

    private static bool IsBlank(string? text)
    {
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune) && !Confusables.IsInvisible(rune))
            {
                return false;
            }
        }

        return true;
    }
}
