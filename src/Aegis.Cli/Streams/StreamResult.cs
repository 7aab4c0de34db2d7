using System.Text.Json.Nodes;
using Aegis.Cli.Scan;

namespace Aegis.Cli.Streams;

/// <summary>What a reader received of an answer.</summary>
/// <param name="Released">Every character that was shown.</param>
/// <param name="Decision">What became of the answer: the strictest finding's word.</param>
/// <param name="Findings">Where in the answer what was found.</param>
internal sealed record StreamResult(string Released, Decision Decision, IReadOnlyList<Finding> Findings)
{
    public JsonObject ToJson(string id) => new()
    {
        ["id"] = id,
        ["released"] = Released,
        ["decision"] = ScanRun.Word(Decision),
        ["findings"] = new JsonArray([.. Findings.Select(static finding => (JsonNode)ScanRun.ToJson(finding, isExplained: false))]),
    };
}
