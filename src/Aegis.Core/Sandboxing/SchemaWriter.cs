using System.Text.Json;

namespace Aegis.Sandboxing;

/// <summary>Writes a schema as JSON Schema.</summary>
internal static class SchemaWriter
{
    public static void Write(Utf8JsonWriter json, ExtractionNode node)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, node.Kind switch
        {
            ExtractionKind.Object => "object",
            ExtractionKind.Array => "array",
            ExtractionKind.Integer => "integer",
            ExtractionKind.Number => "number",
            ExtractionKind.Boolean => "boolean",
            _ => "string",
        });
        if (node.Description is { } description)
        {
            json.WriteString("description"u8, description);
        }

        switch (node.Kind)
        {
            case ExtractionKind.Object:
                json.WriteStartObject("properties"u8);
                foreach (var member in node.Members)
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Node);
                }

                json.WriteEndObject();
                WriteWords(json, "required"u8, node.Members.Where(static member => member.IsRequired).Select(static member => member.Name));
                json.WriteBoolean("additionalProperties"u8, false);
                break;
            case ExtractionKind.Array:
                json.WritePropertyName("items"u8);
                Write(json, node.Item!);
                json.WriteNumber("maxItems"u8, node.MaxItems);
                break;
            case ExtractionKind.Text:
                json.WriteNumber("minLength"u8, node.MinLength);
                json.WriteNumber("maxLength"u8, node.MaxLength);
                break;
            case ExtractionKind.Choice:
                WriteWords(json, "enum"u8, node.Words);
                break;
            case ExtractionKind.Integer or ExtractionKind.Number:
                WriteBound(json, "minimum"u8, node.Minimum);
                WriteBound(json, "maximum"u8, node.Maximum);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteWords(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }

    private static void WriteBound(Utf8JsonWriter json, ReadOnlySpan<byte> name, decimal? bound)
    {
        if (bound is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
