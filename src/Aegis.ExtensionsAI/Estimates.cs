using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>What a model call may use, before it is made: four characters a token, and as many tokens of an answer as the options let it have.</summary>
internal static class Estimates
{
    public const int CharactersPerToken = 4;
    private const int LastWord = 512;   // tokens of a last word, where tokens or cost are what is spent

    /// <summary>What the next call may use; null: nothing counts it.</summary>
    public static TokenUsage? Of(Turn turn, ChatOptions? options, IEnumerable<ChatMessage> messages) =>
        IsCounted(turn.Run) ? new(InputOf(turn.Offered, options, messages), options?.MaxOutputTokens ?? 0, options?.ModelId) : null;

    /// <summary>What a last word may use; null: nothing counts it.</summary>
    public static TokenUsage? OfLastWord(Turn turn, ChatOptions? options, IEnumerable<ChatMessage> messages, Inspection ended) =>
        IsCounted(turn.Run) ? new(InputOf(Toolset.Empty, options, messages), LimitOf(options, ended) ?? 0, options?.ModelId) : null;

    /// <summary>Where tokens or cost are spent, a last word is a short one.</summary>
    public static void Shorten(ChatOptions options, Inspection ended) => options.MaxOutputTokens = LimitOf(options, ended);

    /// <summary>What the call has used that was made last, as far as its calls and text show it.</summary>
    public static TokenUsage Seen(Turn turn, ChatOptions? options, IReadOnlyList<ChatMessage> messages, FunctionCallContent call)
    {
        var answer = messages.LastOrDefault(message => message.Contents.Contains(call));
        var written = (answer?.Contents ?? [call]).Sum(ResponseSeam.LengthOf);
        return new(InputOf(turn.Offered, options, messages.TakeWhile(message => !ReferenceEquals(message, answer))), (written / CharactersPerToken) + 1, options?.ModelId);
    }

    private static int? LimitOf(ChatOptions? options, Inspection ended) =>
        ended.Verdict.Rule is "budget/tokens" or "budget/cost" ? Math.Min(options?.MaxOutputTokens ?? LastWord, LastWord) : options?.MaxOutputTokens;

    private static long InputOf(Toolset tools, ChatOptions? options, IEnumerable<ChatMessage> messages) =>
        ((options?.Instructions?.Length ?? 0L)
            + tools.Tools.Sum(static tool => (long)ToolReader.DescriptionOf(tool).Length)
            + messages.SelectMany(static message => message.Contents).Sum(ResponseSeam.LengthOf)) / CharactersPerToken;

    private static bool IsCounted(AegisRun run)
    {
        for (var at = run; at is not null; at = at.ForeignParent)
        {
            if (at.Guard.Pipeline.Policy.CountsTokens)
            {
                return true;
            }
        }

        return false;
    }
}
