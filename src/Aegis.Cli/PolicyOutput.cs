using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;

namespace Aegis.Cli;

/// <summary>What the commands write alike.</summary>
internal static class PolicyOutput
{
    /// <summary>Characters as they are, where JSON lets them be.</summary>
    public static JsonSerializerOptions Readable { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Option<bool> Json() => new("--json") { Description = "Writes JSON." };

    public static JsonArray Notes(IEnumerable<PolicyNote> notes) => new([.. notes.Select(static note => (JsonNode)new JsonObject { ["code"] = note.Code, ["path"] = note.Path, ["message"] = note.Message })]);

    /// <summary>A value on one line.</summary>
    public static string Inline(JsonNode? value)
    {
        var text = new StringBuilder();
        foreach (var line in PolicySchema.Write(value).Split('\n'))
        {
            text.Append(line.Trim());
        }

        return text.Replace("\",\"", "\", \"").ToString();
    }
}
