using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>One of a few words.</summary>
/// <typeparam name="T">What they mean.</typeparam>
/// <param name="words">The words, in lower case.</param>
internal sealed class ChoiceShape<T>(params (string Word, T Value)[] words) : Shape<T>
    where T : struct, Enum
{
    public override bool TryRead(DocumentNode node, string path, T current, PolicyReading reading, out T value)
    {
        foreach (var (word, meant) in words)
        {
            if (node.Kind is DocumentKind.Text or DocumentKind.Any && string.Equals(word, node.Text, StringComparison.Ordinal))
            {
                value = meant;
                return true;
            }
        }

        return node.Kind is DocumentKind.Text or DocumentKind.Any
            ? Refuse(reading, PolicyErrorCodes.Choice, node, path, $"'{PolicyErrorList.Shown(node.Text)}' is unknown.{Suggestion.For(node.Text, words.Select(static word => word.Word))} Use {Words}.", current, out value)
            : Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants one of {Words}, not {Said(node)}.", current, out value);
    }

    public override void Check(T value, string path, PolicyChecks checks)
    {
        if (!Array.Exists(words, word => EqualityComparer<T>.Default.Equals(word.Value, value)))
        {
            checks.Add(PolicyErrorCodes.Choice, path, $"'{value}' is unknown. Use {Words}.");
        }
    }

    public override JsonNode? Write(T value) => JsonValue.Create(Array.Find(words, word => EqualityComparer<T>.Default.Equals(word.Value, value)).Word);

    public override JsonObject Schema() => new() { ["enum"] = new JsonArray([.. words.Select(static word => (JsonNode)word.Word)]) };

    private string Words => words.Length == 1 ? $"'{words[0].Word}'" : string.Join(", ", words.SkipLast(1).Select(static word => $"'{word.Word}'")) + $" or '{words[^1].Word}'";
}
