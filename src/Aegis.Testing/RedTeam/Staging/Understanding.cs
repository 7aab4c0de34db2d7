using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Aegis.Testing.RedTeaming;

/// <summary>
/// What a model understands that reads everything: white space, and the private-use characters that mark text from outside, do not hide an order from it;
/// Base64 neither. What was cut out of the middle of an order does.
/// </summary>
internal static partial class Understanding
{
    /// <summary>Whether all orders stand in what a request shows.</summary>
    public static bool Has(IEnumerable<string> orders, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var shown = new StringBuilder();
        foreach (var text in messages.SelectMany(static message => message.Contents).SelectMany(ReadableText.Of).Concat((options?.Tools ?? []).OfType<AIFunction>().SelectMany(static tool => new[] { tool.Description, tool.JsonSchema.GetRawText(), Unescaped(tool) })))
        {
            Append(shown, text);
            shown.Append('\n');   // an order does not reach from one text into the next
            foreach (var run in Encoded().EnumerateMatches(text))
            {
                Append(shown, Decoded(text.AsSpan(run.Index, run.Length)));
                shown.Append('\n');
            }
        }

        var all = shown.ToString();
        return orders.All(order => all.Contains(Shape(order), StringComparison.Ordinal));
    }

    private static string Unescaped(AIFunction tool) => string.Join('\n', tool.JsonSchema.TryGetProperty("properties", out var properties)
        ? properties.EnumerateObject().Select(static property => property.Value.TryGetProperty("description", out var description) ? description.GetString() : null) : []);

    private static string Shape(string text)
    {
        var shape = new StringBuilder(text.Length);
        Append(shape, text);
        return shape.ToString();
    }

    private static void Append(StringBuilder shape, string text)
    {
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c) && c is < '\uE000' or > '\uF8FF')
            {
                shape.Append(c);
            }
        }
    }

    private static string Decoded(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Convert.TryFromBase64Chars(text, bytes, out var written) ? Encoding.UTF8.GetString(bytes, 0, written) : "";
    }

    [GeneratedRegex(@"[A-Za-z0-9+/]{24,}={0,2}", RegexOptions.NonBacktracking)]
    private static partial Regex Encoded();
}
