using System.Runtime.CompilerServices;
using Aegis.Prompting;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>
/// A content that a prompt of <see cref="PromptBuilder"/> has become: text from outside, or the host's reminder behind it, in messages of the user's role.
/// Known by its instance and its string, so that nobody can claim it; of text from outside a property says so too, which is still there after a journey through JSON.
/// </summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Part">What it is.</param>
/// <param name="Original">Text from outside before it was marked.</param>
/// <param name="Label">Where it comes from.</param>
/// <param name="Text">The text as it stands in the content.</param>
internal sealed record PromptPiece(Prompt Prompt, PromptPart Part, string Original, string Label, string Text)
{
    private const string ContextKey = "aegis.context";

    private static readonly ConditionalWeakTable<AIContent, PromptPiece> Known = [];

    public static TextContent Make(Prompt prompt, PromptMessage message)
    {
        var content = new TextContent(message.Text);
        if (message.Part != PromptPart.Words)
        {
            Known.Add(content, new(prompt, message.Part, message.Content?.Text ?? message.Text, message.Content?.Label ?? "", content.Text));
        }

        return message.Part == PromptPart.Context ? Flagged(content, message.Content!.Value.Label) : content;
    }

    public static PromptPiece? Find(AIContent content) => content is TextContent text && Known.TryGetValue(content, out var piece) && ReferenceEquals(piece.Text, text.Text) ? piece : null;

    /// <summary>Whether a content says of itself that it is from outside. Nobody gains by claiming that.</summary>
    public static bool IsContext(AIContent content) => content.AdditionalProperties?.ContainsKey(ContextKey) == true;

    /// <summary>The same with what is left of the text.</summary>
    public TextContent With(string original)
    {
        var content = Flagged(new($"{Label}:\n{Prompt.Marking!.MarkLate(original)}"), Label);
        Known.Add(content, this with { Original = original, Text = content.Text });
        return content;
    }

    private static TextContent Flagged(TextContent content, string label)
    {
        (content.AdditionalProperties ??= [])[ContextKey] = label;
        return content;
    }
}
