using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Testing;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report as JSON, and what a later run reads of it.</summary>
internal static class RedTeamJson
{
    public static JsonObject Of(RedTeamVerdict verdict)
    {
        var report = verdict.Report;
        return new()
        {
            ["policy"] = report.Policy,
            ["seed"] = report.Seed,
            ["budget"] = report.Budget,
            ["tries"] = report.Tries,
            ["held"] = verdict.IsHeld,
            ["gate"] = new JsonObject { ["attacks"] = verdict.Gate.Attacks, ["false_positives"] = verdict.Gate.FalsePositives },
            ["as_written"] = Of(report.AsWritten),
            ["searched"] = Of(report.Searched),
            ["false_positives"] = Of(report.FalsePositives),
            ["untried"] = Words(report.Untried),
            ["suites"] = new JsonArray([.. report.Suites.Select(static suite => (JsonNode)new JsonObject
            {
                ["suite"] = suite.Name,
                ["title"] = suite.Title,
                ["benign"] = suite.IsBenign,
                ["as_written"] = Of(suite.AsWritten),
                ["searched"] = Of(suite.Searched),
                ["owasp"] = Words(suite.Owasp),
                ["atlas"] = Words(suite.Atlas),
            })]),
            ["bypasses"] = new JsonArray([.. report.Bypasses.Select(bypass => (JsonNode)Of(bypass, verdict.News.Contains(bypass)))]),
            ["false_alarms"] = new JsonArray([.. report.FalseAlarms.Select(alarm => (JsonNode)new JsonObject
            {
                ["case"] = alarm.Case,
                ["new"] = verdict.NewAlarms.Contains(alarm),
                ["evidence"] = alarm.Evidence,
                ["rules"] = Words(alarm.Rules),
            })]),
        };
    }

    /// <summary>Cases that an earlier report names.</summary>
    /// <exception cref="FormatException">It is no report.</exception>
    public static IReadOnlySet<string> Baseline(string json, string source)
    {
        try
        {
            var report = JsonNode.Parse(json)!;
            return report["bypasses"]!.AsArray().Select(static item => RedTeamVerdict.KeyOf(item!["case"]!.GetValue<string>(), item["closed_by"]!.AsArray().FirstOrDefault()?.GetValue<string>()))
                .Concat(report["false_alarms"]!.AsArray().Select(static item => RedTeamVerdict.KeyOf(item!["case"]!.GetValue<string>(), null))).ToHashSet(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"{source}: is no report of 'aegis red-team --report FILE.json'.", e);
        }
    }

    private static JsonObject Of(RedTeamBypass bypass, bool isNew) => new()
    {
        ["case"] = bypass.Case,
        ["suite"] = bypass.Suite,
        ["new"] = isNew,
        ["harm"] = bypass.Harm.ToString().ToLowerInvariant(),
        ["tool"] = bypass.Tool,
        ["mutators"] = Words(bypass.Mutators),
        ["turns"] = Words(bypass.Turns),
        ["text"] = bypass.Text,
        ["steps"] = bypass.Steps,
        ["length"] = bypass.Length,
        ["evidence"] = bypass.Evidence,
        ["rules"] = Words(bypass.Rules),
        ["closed_by"] = Words(bypass.ClosedBy),
    };

    private static JsonObject Of(RedTeamShare share) => new() { ["count"] = share.Count, ["of"] = share.Of, ["rate"] = Math.Round(share.Rate, 4), ["low"] = Math.Round(share.Low, 4), ["high"] = Math.Round(share.High, 4) };

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(static word => (JsonNode)word)]);
}
