using System.Text.Json;

namespace Aegis.Cli;

/// <summary>A JSON object, and what is missing in it by name.</summary>
internal readonly struct JsonRow
{
    private readonly JsonElement _row;

    /// <exception cref="FormatException">It is no object.</exception>
    public JsonRow(JsonElement row) => _row = row.ValueKind == JsonValueKind.Object ? row : throw new FormatException("is no object.");

    /// <summary>The names of its other members.</summary>
    public IReadOnlyList<string> Others(params ReadOnlySpan<string> names)
    {
        List<string>? others = null;
        foreach (var member in _row.EnumerateObject())
        {
            if (!names.Contains(member.Name))
            {
                (others ??= []).Add(member.Name);
            }
        }

        return others ?? (IReadOnlyList<string>)[];
    }

    /// <summary>A text.</summary>
    /// <exception cref="FormatException">It is missing or no text.</exception>
    public string Text(string name) => OptionalText(name) ?? throw Missing(name);

    /// <summary>A text; null if it is missing or null.</summary>
    /// <exception cref="FormatException">It is no text.</exception>
    public string? OptionalText(string name) =>
        !_row.TryGetProperty(name, out var value) ? null
        : value.ValueKind is JsonValueKind.String or JsonValueKind.Null ? JsonText.Of(value)
        : throw new FormatException($"'{name}' is no text.");

    /// <summary>An identity: a text, or a number as it is written.</summary>
    /// <exception cref="FormatException">It is missing or neither.</exception>
    public string Id(string name) => _row.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(name);

    /// <summary>A text as it is, or another value as JSON.</summary>
    /// <exception cref="FormatException">It is missing.</exception>
    public string TextOrJson(string name) => Value(name) is { ValueKind: not JsonValueKind.String } value ? value.GetRawText() : Text(name);

    /// <summary>A whole number.</summary>
    /// <exception cref="FormatException">It is missing, no number, or below or above.</exception>
    public int Number(string name, int min, int max) =>
        Value(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number >= min && number <= max ? number
        : throw new FormatException(FormattableString.Invariant($"'{name}' is no whole number from {min} to {max}."));

    /// <summary>True or false.</summary>
    /// <exception cref="FormatException">It is missing or neither.</exception>
    public bool Flag(string name) => Value(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new FormatException($"'{name}' is neither true nor false."),
    };

    /// <summary>The items of a list.</summary>
    /// <exception cref="FormatException">It is missing or no list.</exception>
    public IEnumerable<JsonElement> List(string name) => Value(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : throw new FormatException($"'{name}' is no list.");

    /// <summary>An object, which outlives the row.</summary>
    /// <exception cref="FormatException">It is missing or no object.</exception>
    public JsonElement Object(string name) => Value(name) is { ValueKind: JsonValueKind.Object } value ? value.Clone() : throw new FormatException($"'{name}' is no object.");

    private JsonElement Value(string name) => _row.TryGetProperty(name, out var value) ? value : throw Missing(name);

    private static FormatException Missing(string name) => new($"'{name}' is missing.");
}
