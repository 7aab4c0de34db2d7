using System.Text.Json;

namespace Aegis.Testing;

/// <summary>Reads members of a request; JSON null counts as absent.</summary>
internal static class WireJson
{
    public static JsonElement? Member(this JsonElement json, string name)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            throw new FormatException($"Expected an object with '{name}', got {json.ValueKind}.");
        }

        return json.TryGetProperty(name, out var member) && member.ValueKind is not JsonValueKind.Null ? member : null;
    }

    public static string? Optional(this JsonElement json, string name) => json.Member(name)?.GetString();

    public static string Required(this JsonElement json, string name) =>
        json.Optional(name) ?? throw new FormatException($"Missing required parameter: '{name}'.");

    public static bool Flag(this JsonElement json, string name) => json.Member(name)?.GetBoolean() ?? false;

    public static JsonElement[] Items(this JsonElement json, string name) => [.. json.Member(name)?.EnumerateArray() ?? default];
}
