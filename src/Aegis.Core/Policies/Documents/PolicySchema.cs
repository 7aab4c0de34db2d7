using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>The JSON schema of policy documents (draft 2020-12), for editors; made of the same table that reads them.</summary>
internal static class PolicySchema
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    public static string Text()
    {
        var schema = PolicyShape.Root.Schema();
        var members = (JsonObject)schema["properties"]!;
        members.Insert(0, "$schema", new JsonObject { ["type"] = "string", ["description"] = "This schema." });
        members.Insert(1, "version", new JsonObject { ["const"] = 1, ["description"] = "Version of the document's format." });
        members.Insert(2, "extends", new JsonObject
        {
            ["description"] = "What holds where this document says nothing: a preset, another policy of the same configuration, or the path of a file.",
            ["anyOf"] = new JsonArray(new JsonObject { ["enum"] = new JsonArray([.. Presets.Names.Select(static name => (JsonNode)name)]) }, new JsonObject { ["type"] = "string" }),
        });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Aegis policy");
        return Write(schema);
    }

    /// <summary>A node as indented JSON with a line break at its end.</summary>
    public static string Write(JsonNode? node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Indented))
        {
            if (node is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                node.WriteTo(writer);
            }
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }
}
