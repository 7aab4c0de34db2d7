using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Testing.RedTeaming;

/// <summary>Suites from their documents: those of this library, and those of an app.</summary>
internal static class SuiteReader
{
    /// <summary>Repetitions in a case, at most.</summary>
    public const int MostTimes = 1_000;

    private static readonly FrozenSet<string> SuiteMembers = FrozenSet.ToFrozenSet(["$schema", "suite", "title", "benign", "owasp", "atlas", "cases"], StringComparer.Ordinal);
    private static readonly FrozenSet<string> StepMembers = FrozenSet.ToFrozenSet(["call", "arguments", "say", "times", "together"], StringComparer.Ordinal);
    private static readonly FrozenSet<string> GoalMembers = FrozenSet.ToFrozenSet(["executed", "with", "leaked", "released", "calls", "tokens", "runs"], StringComparer.Ordinal);
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
            var name = Name(root.GetProperty("suite").GetString());
            var isBenign = root.TryGetProperty("benign", out var benign) && benign.GetBoolean();
            var cases = root.GetProperty("cases").EnumerateArray().Select(item => Case(item, name, isBenign)).ToList();
            return cases.Select(static item => item.Id).Distinct(StringComparer.Ordinal).Count() == cases.Count
                ? new(name, root.GetProperty("title").GetString() ?? name, isBenign, Words(root, "owasp"), Words(root, "atlas"), cases)
                : throw new FormatException("two cases have one id.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new FormatException($"{source}: {e.Message}", e);
        }
    }

    private static RedTeamCase Case(JsonElement item, string suite, bool isBenign)
    {
        var id = Name(item.GetProperty("id").GetString());
        try
        {
            Refuse(item, CaseMembers);
            var place = item.TryGetProperty("at", out var at) ? Place(at.GetString()) : AttackPlace.Typed;
            var text = item.TryGetProperty(isBenign ? "text" : "attack", out var attack) ? attack.GetString() : null;
            var turns = item.GetProperty("turns").EnumerateArray().Select(static turn => turn.GetString() ?? throw new FormatException("a turn is a text.")).ToList();
            if (turns.Count == 0)
            {
                throw new FormatException("'turns' has at least one.");
            }

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
                Steps = item.TryGetProperty(isBenign ? "does" : "obeys", out var steps) ? [.. steps.EnumerateArray().Select(Step)] : isBenign ? [] : throw new FormatException("'obeys' says what a model does that obeys."),
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

    private static AttackStep Step(JsonElement step)
    {
        Refuse(step, StepMembers);
        var call = step.TryGetProperty("call", out var tool) ? tool.GetString() : null;
        var say = step.TryGetProperty("say", out var said) ? said.GetString() : null;
        return (call is null) == (say is null)
            ? throw new FormatException("a step has 'call' or 'say'.")
            : new(
                call,
                step.TryGetProperty("arguments", out var arguments) ? JsonNode.Parse(arguments.GetRawText())!.AsObject() : null,
                say,
                step.TryGetProperty("times", out var times) ? (int)Bounded(times, "times") : 1,
                step.TryGetProperty("together", out var together) && together.GetBoolean());
    }

    private static AttackGoal Goal(JsonElement goal)
    {
        Refuse(goal, GoalMembers);
        return goal.EnumerateObject().Select(static member => (member.Name, member.Value)).FirstOrDefault() switch
        {
            { Name: "executed", Value: var tool } => new(RedTeamHarm.Executed, Text(tool), goal.TryGetProperty("with", out var with) ? Text(with) : null),
            { Name: "leaked", Value: var value } => new(RedTeamHarm.Leaked, Text(value)),
            { Name: "released" } => new(RedTeamHarm.Released),
            { Name: "calls", Value: var most } => new(RedTeamHarm.Overrun, Meter: AttackMeter.Calls, Most: Bounded(most, "calls")),
            { Name: "tokens", Value: var most } => new(RedTeamHarm.Overrun, Meter: AttackMeter.Tokens, Most: most.GetInt64()),
            { Name: "runs", Value: var most } => new(RedTeamHarm.Overrun, Meter: AttackMeter.Runs, Most: Bounded(most, "runs")),
            _ => throw new FormatException("'success' says what it is: executed, leaked, released, calls, tokens or runs."),
        };
    }

    /// <summary>How often something happens: what is more is no case, but a way to hold a run up.</summary>
    private static long Bounded(JsonElement number, string name) => number.GetInt64() is var count and >= 1 and <= MostTimes ? count : throw new FormatException($"'{name}' is from 1 to {MostTimes}.");

    private static string Text(JsonElement value) => value.GetString() is { Length: > 0 } text ? text : throw new FormatException("a success names a text.");

    /// <summary>Names stand in reports, in terminals and in files.</summary>
    private static string Name(string? name) => name is { Length: > 0 and <= 100 } && name.Split('-', '.').All(static part => part.Length > 0 && part.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
        ? name : throw new FormatException("a name is of a-z and 0-9, with single '-' or '.' between them, at most 100 of them.");

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
