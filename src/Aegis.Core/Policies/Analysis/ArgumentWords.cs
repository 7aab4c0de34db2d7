using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Policies.Documents;
using Aegis.Tools.Arguments;

namespace Aegis.Policies.Analysis;

/// <summary>The argument rules of a tool in words.</summary>
internal static class ArgumentWords
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What holds for each argument, and for those without a rule.</summary>
    public static IEnumerable<(string What, string Holds)> Of(ArgumentRules rules)
    {
        foreach (var (path, argument) in rules.Tool.Arguments.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            var said = Said((JsonObject)ArgumentShape.Argument.Write(argument)!);
            yield return ($"argument '{path}'", $"{(said.Length == 0 ? "may be there" : said)} (tools['{rules.Glob}'])");
        }

        if (rules.Tool.AdditionalArguments == AdditionalArguments.Block)
        {
            yield return ("other arguments", $"no (tools['{rules.Glob}'])");
        }
    }

    private static string Said(JsonObject members) => string.Join(", ", members.Where(static member => IsSaid(member.Value)).Select(static member => member.Value switch
    {
        JsonObject part => $"{member.Key} ({Said(part)})",
        JsonValue flag when flag.GetValueKind() == JsonValueKind.True => member.Key,
        _ => $"{member.Key} {Text(member.Value!)}",
    }));

    private static bool IsSaid(JsonNode? value) => value switch
    {
        null => false,
        JsonArray items => items.Count > 0,
        JsonValue leaf => leaf.GetValueKind() != JsonValueKind.False && !(leaf.GetValueKind() == JsonValueKind.String && leaf.GetValue<string>() == "block"),
        _ => true,
    };

    private static string Text(JsonNode node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
        {
            node.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
