using System.Text.Json.Nodes;
using Aegis.Policies.Documents;
using Aegis.Testing;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report as SARIF 2.1.0 (OASIS): a result for what got through or did not pass, at the place in the policy that would change it.</summary>
internal static class RedTeamSarif
{
    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    /// <param name="verdict">The report.</param>
    /// <param name="policy">The policy that was attacked.</param>
    /// <param name="source">The file that it is in; null: it is a preset.</param>
    public static JsonObject Of(RedTeamVerdict verdict, AegisPolicy policy, string? source)
    {
        var suites = verdict.Report.Suites;
        return new()
        {
            ["$schema"] = Schema,
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(new JsonObject
            {
                ["tool"] = new JsonObject
                {
                    ["driver"] = new JsonObject
                    {
                        ["name"] = "Aegis",
                        ["semanticVersion"] = typeof(RedTeam).Assembly.GetName().Version!.ToString(3),
                        ["informationUri"] = "https://genai.owasp.org/",
                        ["rules"] = new JsonArray([.. suites.Select(Rule)]),
                    },
                },
                ["columnKind"] = "utf16CodeUnits",
                ["results"] = new JsonArray([.. verdict.Report.Bypasses.Select(bypass => (JsonNode)Result(bypass, verdict, policy, source)), .. verdict.Report.FalseAlarms.Select(alarm => (JsonNode)Result(alarm, verdict, policy, source))]),
            }),
        };
    }

    private static JsonNode Rule(RedTeamSuiteResult suite) => new JsonObject
    {
        ["id"] = suite.Name,
        ["name"] = string.Concat(suite.Name.Split('-').Select(static word => char.ToUpperInvariant(word[0]) + word[1..])),
        ["shortDescription"] = new JsonObject { ["text"] = Sentence(suite.Title) },
        ["fullDescription"] = new JsonObject { ["text"] = suite.IsBenign ? "Harmless cases that must pass. A result is one that did not." : "Attacks on a whole agent. A result is one that reached its goal." },
        ["help"] = new JsonObject { ["text"] = "See 'closed by' in the result: the members of the policy, each of which alone would change it." },
        ["properties"] = new JsonObject { ["tags"] = new JsonArray([.. suite.Owasp.Concat(suite.Atlas).Select(static tag => (JsonNode)tag)]) },
    };

    private static JsonObject Result(RedTeamBypass bypass, RedTeamVerdict verdict, AegisPolicy policy, string? source)
    {
        var remedy = bypass.ClosedBy is [var first, ..] ? first : null;
        return Result(bypass.Suite, bypass.Case, bypass.Harm is RedTeamHarm.Released ? "warning" : "error", Sentence($"{bypass.Case}: {bypass.Evidence}. {(remedy is null ? "No setting of the policy stops it" : $"Closed by {remedy}")}"), verdict.News.Contains(bypass), verdict, Location(remedy, policy, source));
    }

    private static JsonObject Result(RedTeamFalseAlarm alarm, RedTeamVerdict verdict, AegisPolicy policy, string? source) =>
        Result(alarm.Case.Split('/')[0], alarm.Case, "note", Sentence($"{alarm.Case}: {alarm.Evidence} ({string.Join(", ", alarm.Rules)})"), verdict.NewAlarms.Contains(alarm), verdict, Location(null, policy, source));

    private static JsonObject Result(string suite, string @case, string level, string message, bool isNew, RedTeamVerdict verdict, JsonObject location)
    {
        var index = verdict.Report.Suites.Select(static (known, at) => (known.Name, At: at)).Where(known => known.Name == suite).Select(static known => (int?)known.At).FirstOrDefault();
        var result = new JsonObject
        {
            ["ruleId"] = suite,
            ["level"] = level,
            ["message"] = new JsonObject { ["text"] = message },
            ["locations"] = new JsonArray(location),
            ["partialFingerprints"] = new JsonObject { ["case/v1"] = @case },
        };
        if (index is { } at)
        {
            result["ruleIndex"] = at;
        }

        if (verdict.Known is not null)
        {
            result["baselineState"] = isNew ? "new" : "unchanged";
        }

        return result;
    }

    /// <summary>The member that would close it, or the nearest one that is written; without a file, the policy's name.</summary>
    private static JsonObject Location(string? remedy, AegisPolicy policy, string? source)
    {
        if (source is null)
        {
            return new() { ["logicalLocations"] = new JsonArray(new JsonObject { ["name"] = policy.Name, ["kind"] = "object" }) };
        }

        var place = remedy is null ? default : Place(remedy.Split(": ")[0], policy, source);
        return new()
        {
            ["physicalLocation"] = new JsonObject
            {
                ["artifactLocation"] = new JsonObject { ["uri"] = AddressOf(source) },
                ["region"] = new JsonObject { ["startLine"] = Math.Max(1, place.Line), ["startColumn"] = Math.Max(1, place.Column) },
            },
        };
    }

    /// <summary>As it was named, if that is from the folder where the run is; else the whole address.</summary>
    private static string AddressOf(string source) => Path.IsPathRooted(source) || source.StartsWith("..", StringComparison.Ordinal) ? new Uri(Path.GetFullPath(source)).AbsoluteUri : Uri.EscapeDataString(source.Replace('\\', '/')).Replace("%2F", "/", StringComparison.Ordinal);

    private static DocumentPosition Place(string member, AegisPolicy policy, string source)
    {
        var written = policy.Places.Where(place => string.Equals(Path.GetFullPath(place.Value.Source), Path.GetFullPath(source), StringComparison.Ordinal))
            .Select(static place => (Path: Plain(place.Key), place.Value)).ToList();
        for (var path = member; path.Length > 0; path = path.LastIndexOf('.') is var dot and > 0 ? path[..dot] : "")
        {
            if (written.FirstOrDefault(place => string.Equals(place.Path, path, StringComparison.Ordinal)) is { Path: not null } found)
            {
                return found.Value;
            }
        }

        return default;
    }

    /// <summary><c>$.tools['send_email'].sink</c> is <c>tools.send_email.sink</c>.</summary>
    private static string Plain(string path) => path.Replace("$.", "", StringComparison.Ordinal).Replace("['", ".", StringComparison.Ordinal).Replace("']", "", StringComparison.Ordinal);

    /// <summary>Plain text: brackets would be a link (SARIF 2.1.0, 3.11.6).</summary>
    private static string Sentence(string text) => (text.EndsWith('.') ? text : $"{text}.").Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);
}
