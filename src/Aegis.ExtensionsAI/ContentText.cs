using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The text of a tool's result as a model takes it in: strings are decoded, so that an escape hides nothing.</summary>
internal static class ContentText
{
    private const int MaxDepth = 64;

    /// <summary>The text, and the value to pass on, which is exactly what was read; null when it cannot be read.</summary>
    /// <param name="result">The result.</param>
    /// <param name="options">How objects are written.</param>
    /// <param name="media">The text of media, and what goes on in its place; nobody can read it when left out.</param>
    public static (string Text, object? Value)? Of(object? result, JsonSerializerOptions options, Func<AIContent, (string Text, AIContent Copy)?>? media = null)
    {
        var text = new StringBuilder();
        try
        {
            return Append(text, ref result, options, media, 0) ? (text.ToString(), result) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException or JsonException or ArgumentException or ObjectDisposedException)
        {
            return null;   // lone surrogates, types without a contract, disposed documents
        }
    }

    private static bool Append(StringBuilder text, ref object? value, JsonSerializerOptions options, Func<AIContent, (string Text, AIContent Copy)?>? media, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        switch (value)
        {
            case null:
                return true;
            case string s:
                text.Append(s);
                return true;
            case JsonElement element:
                return Append(text, element, depth);
            case TextContent content:
                text.Append(content.Text);
                value = new TextContent(content.Text);   // what else hangs on it would be sent unread
                return true;
            case FunctionResultContent content:
                var inner = content.Result;
                var read = Append(text, ref inner, options, media, depth + 1);
                value = new FunctionResultContent(content.CallId, inner);
                return read;
            case AIContent content when media?.Invoke(content) is var (said, copy):
                text.Append(said);
                value = copy;
                return true;
            case AIContent:
                return false;
            case IEnumerable<AIContent> contents:
                var copies = new List<AIContent>();
                foreach (var content in contents)
                {
                    object? item = content;
                    if (!Append(text, ref item, options, media, depth + 1))
                    {
                        return false;
                    }

                    text.Append('\n');
                    copies.Add((AIContent)item!);
                }

                value = copies;
                return true;
            default:
                var json = JsonSerializer.SerializeToElement(value, options.GetTypeInfo(value.GetType()));
                value = json;
                return Append(text, json, depth);
        }
    }

    private static bool Append(StringBuilder text, JsonElement element, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    text.Append(property.Name).Append(": ");
                    if (!Append(text, property.Value, depth + 1))
                    {
                        return false;
                    }

                    text.Append('\n');
                }

                return true;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    if (!Append(text, item, depth + 1))
                    {
                        return false;
                    }

                    text.Append('\n');
                }

                return true;
            case JsonValueKind.String:
                text.Append(element.GetString());
                return true;
            case JsonValueKind.Undefined:
                return false;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{element.GetRawText()}");
                return true;
        }
    }
}
