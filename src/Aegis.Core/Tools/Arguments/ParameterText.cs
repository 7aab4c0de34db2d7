using System.Text;
using System.Text.Json;

namespace Aegis.Tools.Arguments;

/// <summary>Functions read JSON in a text as what it says when the parameter is no plain text: a rule would then judge another value than the function gets.</summary>
internal static class ParameterText
{
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 512 };

    public static bool MayBeReadAsJson(JsonElement text, string parameter, JsonElement? schema) =>
        text.GetString()!.AsSpan().TrimStart() is ['{' or '[' or '"' or '/', ..] && !IsPlainText(parameter, schema) && IsJson(text.GetString()!);

    /// <summary>Whether the schema says that the parameter is a text and nothing finer, such as a date.</summary>
    private static bool IsPlainText(string parameter, JsonElement? schema)
    {
        if (schema is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var isText = false;
        foreach (var property in properties.EnumerateObject().Where(property => string.Equals(property.Name, parameter, StringComparison.OrdinalIgnoreCase)))
        {
            isText = property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("type", out var type) && !property.Value.TryGetProperty("format", out _) && (
                type.ValueKind == JsonValueKind.String ? type.ValueEquals("string")
                : type.ValueKind == JsonValueKind.Array && type.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String && (item.ValueEquals("string") || item.ValueEquals("null"))));
            if (!isText)
            {
                return false;
            }
        }

        return isText;
    }

    private static bool IsJson(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), Lenient);
        try
        {
            while (reader.Read())
            {
                // Every token counts.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
