using System.Text.Json;

namespace Aegis.Flow.Reading;

/// <summary>Fields of JSON.</summary>
internal static class JsonFields
{
    private const int MaxDepth = 64;

    public static bool TryRead(JsonElement root, List<ResultField> fields)
    {
        var records = 0;
        return Add("", root, 0, 0);

        bool Add(string name, JsonElement element, int record, int depth)
        {
            if (depth > MaxDepth)
            {
                return false;
            }

            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    if (TextOf(element) is { } parts)
                    {
                        return parts.TrueForAll(part => LiteralFields.TryRead(part, fields, ref records));   // the shape in which MCP wraps a text
                    }

                    var own = records++;
                    foreach (var property in element.EnumerateObject())
                    {
                        LiteralFields.AddKey(fields, property.Name, own);
                        if (!Add(property.Name, property.Value, own, depth + 1))
                        {
                            return false;
                        }
                    }

                    return true;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                    {
                        if (!Add(name, item, record, depth + 1))
                        {
                            return false;
                        }
                    }

                    return true;
                case JsonValueKind.String:
                    LiteralFields.Add(fields, name, element.GetString()!, record);
                    return true;
                case JsonValueKind.Number:
                    LiteralFields.Add(fields, name, element.GetRawText(), record);
                    return true;
                default:
                    return true;
            }
        }
    }

    private static List<string>? TextOf(JsonElement element)
    {
        if (!element.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.Array || content.GetArrayLength() == 0)
        {
            return null;
        }

        var parts = new List<string>();
        foreach (var part in content.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals("text") || !part.TryGetProperty("text", out var text) || text.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            parts.Add(text.GetString()!);
        }

        return parts;
    }
}
