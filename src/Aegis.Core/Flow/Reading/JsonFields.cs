using System.Text.Json;

namespace Aegis.Flow.Reading;

/// <summary>Fields of JSON.</summary>
internal static class JsonFields
{
    private const int MaxDepth = 64;

    public static bool TryRead(JsonElement root, List<ResultField> fields)
    {
        var records = 0;
        var outer = new Stack<(string List, int Record)>();
        outer.Push(("", -1));
        return Add("", root, -1, 0);

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

                    var own = record < 0 ? records++ : record;   // an object inside another one is a part of it
                    foreach (var property in element.EnumerateObject())
                    {
                        LiteralFields.AddKey(fields, property.Name, own);
                        if (!Add(record < 0 || name.Length == 0 ? property.Name : $"{name}_{property.Name}", property.Value, own, depth + 1))
                        {
                            return false;
                        }
                    }

                    return true;
                case JsonValueKind.Array:
                    outer.Push((name, record));
                    foreach (var item in element.EnumerateArray())
                    {
                        if (!Add(name, item, item.ValueKind == JsonValueKind.Object ? -1 : record, depth + 1))
                        {
                            return false;
                        }
                    }

                    outer.Pop();
                    return true;
                case JsonValueKind.String:
                    LiteralFields.Add(fields, name, element.GetString()!, Math.Max(0, record), outer.Peek());
                    return true;
                case JsonValueKind.Number:
                    LiteralFields.Add(fields, name, element.GetRawText(), Math.Max(0, record), outer.Peek());
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
