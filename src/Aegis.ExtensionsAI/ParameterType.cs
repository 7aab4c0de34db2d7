using System.Text.Json;
using Aegis.Tools;

namespace Aegis.ExtensionsAI;

/// <summary>What a function makes of a text for a parameter that wants something else: JSON is read as what it says.</summary>
internal static class ParameterType
{
    /// <summary>
    /// Arguments as a guard judges them: as they were written, unless a text stands where the parameter wants none, and what the function
    /// reads in it may not run.
    /// </summary>
    public static ToolArguments Judged(ToolArguments written, IEnumerable<KeyValuePair<string, object?>>? arguments, JsonElement schema)
    {
        var decoded = new List<KeyValuePair<string, object?>>();
        foreach (var (name, value) in written.Refusal is null ? arguments ?? [] : [])
        {
            if (TextOf(value) is { } text && Of(schema, name) is var type and not "string" && Read(text, type) is { } read)
            {
                decoded.Add(new(name, read));
            }
        }

        return decoded.Count > 0 && ToolArguments.From(decoded) is { Refusal: not null } refused ? refused : written;
    }

    /// <summary>The value that a text stands for; null: it is a text. Of a parameter without a known type, what is an object or a list is one.</summary>
    public static JsonElement? Read(string text, string? type)
    {
        try
        {
            var json = type == "boolean" && bool.TryParse(text, out var flag) ? JsonElement.Parse(flag ? "true" : "false") : JsonElement.Parse(text);
            return json.ValueKind switch
            {
                JsonValueKind.Number => type is "number" or "integer",
                JsonValueKind.True or JsonValueKind.False => type is "boolean",
                JsonValueKind.Object => type is "object" or null,
                JsonValueKind.Array => type is "array" or null,
                _ => false,
            } ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The first type that the schema of a parameter names and that is not <c>null</c>. Kernels find parameters without case.</summary>
    public static string? Of(JsonElement schema, string parameter)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object
            || properties.EnumerateObject().FirstOrDefault(known => string.Equals(known.Name, parameter, StringComparison.OrdinalIgnoreCase)).Value is var property && property.ValueKind != JsonValueKind.Object || !property.TryGetProperty("type", out var type))
        {
            return null;
        }

        return type.ValueKind switch
        {
            JsonValueKind.String => type.GetString(),
            JsonValueKind.Array => type.EnumerateArray().Select(static item => item.ToString()).FirstOrDefault(static item => item is not "null"),
            _ => null,
        };
    }

    private static string? TextOf(object? value) => value as string ?? (value is JsonElement { ValueKind: JsonValueKind.String } element ? element.GetString() : null);
}
