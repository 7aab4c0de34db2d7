using System.Text.Json;

namespace Aegis.Tools;

/// <summary>Arguments with other texts in them.</summary>
internal static class ArgumentTexts
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = ToolArguments.MaxDepth + 2 };

    /// <summary>The arguments with every text and number as it is rewritten; the very same when nothing is.</summary>
    /// <param name="arguments">The arguments; those that may not run stay.</param>
    /// <param name="rewrite">Gets the names on the way to a value, null for an item of a list, and the value.</param>
    public static ToolArguments Rewrite(ToolArguments arguments, Func<IReadOnlyList<string?>, string, string> rewrite)
    {
        if (arguments.Refusal is not null)
        {
            return arguments;
        }

        var isChanged = false;
        using var document = JsonDocument.Parse(arguments.Utf8, Deep);
        var written = ((IEnumerable<KeyValuePair<string, object?>>)Written(document.RootElement, [])!).ToList();
        return isChanged ? ToolArguments.From(written) : arguments;

        object? Written(JsonElement value, string?[] steps)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    return value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Written(member.Value, [.. steps, member.Name]))).ToList();
                case JsonValueKind.Array:
                    string?[] below = [.. steps, null];
                    return value.EnumerateArray().Select(item => Written(item, below)).ToList();
                case JsonValueKind.String or JsonValueKind.Number:
                    var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
                    var rewritten = rewrite(steps, text);
                    var isSame = string.Equals(rewritten, text, StringComparison.Ordinal);
                    isChanged |= !isSame;
                    return isSame ? value : rewritten;
                default:
                    return value;
            }
        }
    }
}
