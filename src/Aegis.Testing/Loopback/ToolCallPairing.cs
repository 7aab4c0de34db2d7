using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>What the API demands of a history: every call has one result, every result has a call before it.</summary>
internal static class ToolCallPairing
{
    /// <param name="messages">The history.</param>
    /// <param name="atOnce">Whether nothing may stand between a step's calls and their results.</param>
    public static void Check(IEnumerable<ChatMessage> messages, bool atOnce)
    {
        HashSet<string> open = new(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            if (atOnce && open.Count > 0 && message.Role != ChatRole.Tool)
            {
                throw Unanswered(open);
            }

            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call)
                {
                    open.Add(call.CallId);
                }
                else if (content is FunctionResultContent result && !open.Remove(result.CallId))
                {
                    throw new FormatException($"No tool call found for function call output with call_id {result.CallId}.");
                }
            }
        }

        if (open.Count > 0)
        {
            throw Unanswered(open);
        }
    }

    private static FormatException Unanswered(IEnumerable<string> open) => new($"No tool output found for function call {string.Join(", ", open)}.");
}
