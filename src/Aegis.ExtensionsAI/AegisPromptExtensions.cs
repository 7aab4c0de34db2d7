using Aegis.ExtensionsAI;
using Aegis.Prompting;
using Microsoft.Extensions.AI;

namespace Aegis;

/// <summary>Prompts as messages of Microsoft.Extensions.AI.</summary>
public static class AegisPromptExtensions
{
    /// <summary>
    /// The messages of a prompt. A client with <c>UseAegis()</c> reads text from outside in them as such, unmarked, and takes its marks out of what the
    /// model says. It knows them by their instances: after a journey through JSON they still count as text from outside, but keep their marks.
    /// </summary>
    /// <param name="prompt">The prompt.</param>
    /// <returns>New messages.</returns>
    public static IList<ChatMessage> ToChatMessages(this Prompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return [.. prompt.Select(message => new ChatMessage(RoleOf(message.Role), [PromptPiece.Make(prompt, message)]))];
    }

    private static ChatRole RoleOf(PromptRole role) => role switch
    {
        PromptRole.System => ChatRole.System,
        PromptRole.Assistant => ChatRole.Assistant,
        _ => ChatRole.User,
    };
}
