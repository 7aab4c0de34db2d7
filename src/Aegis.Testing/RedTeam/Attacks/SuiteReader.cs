using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Testing.RedTeaming;

/// <summary>Suites from their documents: those of this library, and those of an app.</summary>
internal static class SuiteReader
{
    private static readonly FrozenSet<string> SuiteMembers = FrozenSet.ToFrozenSet(["$schema", "suite", "title", "benign", "owasp", "atlas", "cases"], StringComparer.Ordinal);
    private static readonly FrozenSet<string> CaseMembers = FrozenSet.ToFrozenSet(["id", "turns", "at", "tool", "attack", "text", "obeys", "does", "success", "usage", "whole"], StringComparer.Ordinal);

    /// <summary>The suites that come with the library, by name.</summary>
    public static IReadOnlyList<RedTeamSuite> BuiltIn { get; } = LoadBuiltIn();

    /// <exception cref="FormatException">It is no suite; the message names the case.</exception>
    public static RedTeamSuite Read(string json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            Refuse(root, SuiteMembers);
            var name = root.GetProperty("suite").GetString()!;
            var isBenign = root.TryGetProperty("benign", out var benign) && benign.GetBoolean();
            var cases = root.GetProperty("cases").EnumerateArray().Select(item => Case(item, name, isBenign)).ToList();
            return cases.Select(static item => item.Id).Distinct(StringComparer.Ordinal).Count() == cases.Count
                ? new(name, root.GetProperty("title").GetString()!, isBenign, Words(root, "owasp"), Words(root, "atlas"), cases)
                : throw new FormatException("two cases have one id.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"{source}: {e.Message}", e);
        }
    }

    private static RedTeamCase Case(JsonElement item, string suite, bool isBenign)
    {
        var id = item.GetProperty("id").GetString()!;
        try
        {
            Refuse(item, CaseMembers);
            var place = item.TryGetProperty("at", out var at) ? Place(at.GetString()) : AttackPlace.Typed;
            var text = item.TryGetProperty(isBenign ? "text" : "attack", out var attack) ? attack.GetString() : null;
            var turns = item.GetProperty("turns").EnumerateArray().Select(static turn => turn.GetString()!).ToList();
            if (!isBenign && (text is null) != (place == AttackPlace.Rogue))
            {
                throw new FormatException("'attack' belongs to every place but 'rogue'.");
            }

            if (!isBenign && turns.Count(static turn => turn.Contains(RedTeamCase.AttackPlaceholder, StringComparison.Ordinal)) != (place == AttackPlace.Typed ? 1 : 0))
            {
                throw new FormatException("'{attack}' stands in one turn if the user types it, else in none.");
            }

            var tool = item.TryGetProperty("tool", out var name) ? name.GetString() : null;
            if (tool is null && (place is AttackPlace.Result or AttackPlace.Description or AttackPlace.Parameter))
            {
                throw new FormatException("'tool' says whose the place is.");
            }

            return new()
            {
                Id = $"{suite}/{id}",
                Suite = suite,
                IsBenign = isBenign,
                Turns = turns,
                Place = place,
                Tool = tool,
                Attack = text is null ? null : isBenign ? new([[new(text, false)]]) : AttackText.Parse(text),
                Steps = item.TryGetProperty(isBenign ? "does" : "obeys", out var steps) ? [.. steps.EnumerateArray().Select(Step)] : [],
                Goal = isBenign ? null : Goal(item.GetProperty("success")),
                Usage = item.TryGetProperty("usage", out var usage) ? usage.GetInt32() : 0,
                IsWhole = item.TryGetProperty("whole", out var whole) && whole.GetBoolean(),
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"case '{id}': {e.Message}", e);
        }
    }

    private static AttackStep Step(JsonElement step) => new(
        step.TryGetProperty("call", out var call) ? call.GetString() : null,
        step.TryGetProperty("arguments", out var arguments) ? JsonNode.Parse(arguments.GetRawText())!.AsObject() : null,
        step.TryGetProperty("say", out var say) ? say.GetString() : null,
        step.TryGetProperty("times", out var times) ? times.GetInt32() : 1,
        step.TryGetProperty("together", out var together) && together.GetBoolean());

    private static AttackGoal Goal(JsonElement goal)
    {
        var first = goal.EnumerateObject().First();
        return first.Name switch
        {
            "executed" => new(RedTeamHarm.Executed, first.Value.GetString(), goal.TryGetProperty("with", out var with) ? with.GetString() : null),
            "leaked" => new(RedTeamHarm.Leaked, first.Value.GetString()),
            "released" => new(RedTeamHarm.Released),
            "calls" => new(RedTeamHarm.Overrun, Meter: AttackMeter.Calls, Most: first.Value.GetInt64()),
            "tokens" => new(RedTeamHarm.Overrun, Meter: AttackMeter.Tokens, Most: first.Value.GetInt64()),
            "runs" => new(RedTeamHarm.Overrun, Meter: AttackMeter.Runs, Most: first.Value.GetInt64()),
            _ => throw new FormatException($"'{first.Name}' is no success."),
        };
    }

    private static AttackPlace Place(string? word) => word switch
    {
        "result" => AttackPlace.Result,
        "description" => AttackPlace.Description,
        "parameter" => AttackPlace.Parameter,
        "assistant" => AttackPlace.Assistant,
        "system" => AttackPlace.System,
        "history-result" => AttackPlace.HistoryResult,
        "rogue" => AttackPlace.Rogue,
        _ => throw new FormatException($"'{word}' is no place."),
    };

    private static void Refuse(JsonElement item, FrozenSet<string> known)
    {
        if (item.EnumerateObject().FirstOrDefault(member => !known.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new FormatException($"'{unknown.Name}' is no member.");
        }
    }

    private static string[] Words(JsonElement item, string name) => item.TryGetProperty(name, out var words) ? [.. words.EnumerateArray().Select(static word => word.GetString()!)] : [];

    private static RedTeamSuite[] LoadBuiltIn()
    {
        var assembly = typeof(SuiteReader).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(static name => name.EndsWith(".suite.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
        {
            using var stream = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return Read(stream.ReadToEnd(), name);
        })];
    }
}
