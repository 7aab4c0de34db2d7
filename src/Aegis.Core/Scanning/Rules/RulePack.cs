using System.Text.Json;
using Aegis.Policies;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>Rules from a <c>*.rules.json</c> file. Every mistake of the file is named at once.</summary>
internal sealed class RulePack
{
    private static readonly string[] Members = ["id", "category", "risk", "checkpoints", "owasp", "atlas", "keywords", "pattern", "match", "pass"];

    private static readonly Lazy<IReadOnlyList<RulePack>> Own = new(Load);

    private readonly List<PolicyError> _errors = [];
    private readonly List<Rule> _rules = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    private RulePack(JsonElement root)
    {
        Name = Text(root, "pack", "$");
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("rules", out var rules) || rules.ValueKind != JsonValueKind.Array)
        {
            Error("$.rules", "is missing. A pack is {\"pack\":…,\"version\":…,\"rules\":[…]}.");
            return;
        }

        var index = 0;
        foreach (var rule in rules.EnumerateArray())
        {
            Read(rule, $"$.rules[{index++}]");
        }
    }

    public string Name { get; }

    public IReadOnlyList<Rule> Rules => _rules;

    /// <exception cref="PolicyException">The pack has mistakes.</exception>
    public static RulePack Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false });
            var pack = new RulePack(document.RootElement);
            return pack._errors.Count == 0 ? pack : throw new PolicyException(pack._errors);
        }
        catch (JsonException e)
        {
            throw new PolicyException([new("$", FormattableString.Invariant($"is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})."))]);
        }
        catch (InvalidOperationException)
        {
            throw new PolicyException([new("$", "has a text with half a surrogate pair. Write characters as they are.")]);
        }
    }

    /// <summary>The packs that Aegis brings, by name, read once.</summary>
    public static IReadOnlyList<RulePack> BuiltIn => Own.Value;

    private static IReadOnlyList<RulePack> Load() =>
        [.. typeof(RulePack).Assembly.GetManifestResourceNames().Where(static name => name.EndsWith(".rules.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Load)];

    private static RulePack Load(string resource)
    {
        using var stream = typeof(RulePack).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    }

    /// <summary>Runs every example of every rule.</summary>
    /// <exception cref="PolicyException">An example does not behave as it is said to.</exception>
    public RulePack Proven()
    {
        var errors = new List<PolicyError>();
        foreach (var rule in _rules)
        {
            var matcher = new RuleMatcher([rule with { Checkpoints = Rule.Mask(Checkpoint.Input) }]);
            errors.AddRange(rule.Match.Index().Where(example => !Matches(matcher, example.Item)).Select(example => new PolicyError(FormattableString.Invariant($"rule '{rule.Id}', match[{example.Index}]"), "is not matched. Check the pattern, and that a keyword stands in every match.")));
            errors.AddRange(rule.Pass.Index().Where(example => Matches(matcher, example.Item)).Select(example => new PolicyError(FormattableString.Invariant($"rule '{rule.Id}', pass[{example.Index}]"), "is matched. Make the pattern narrower.")));
        }

        return errors.Count == 0 ? this : throw new PolicyException(errors);

        static bool Matches(RuleMatcher matcher, string example)
        {
            using var canonical = CanonicalText.Of(example);
            var hits = new List<RuleHit>();
            matcher.Match(canonical, Checkpoint.Input, hits);
            return hits.Count > 0;
        }
    }

    private void Read(JsonElement rule, string path)
    {
        if (rule.ValueKind != JsonValueKind.Object)
        {
            Error(path, "is not an object.");
            return;
        }

        foreach (var member in rule.EnumerateObject())
        {
            if (!Members.Contains(member.Name, StringComparer.Ordinal))
            {
                Error($"{path}.{member.Name}", $"is not a member of a rule. Members are: {string.Join(", ", Members)}.");
            }
        }

        var id = Text(rule, "id", path);
        if (!_ids.Add(id))
        {
            Error($"{path}.id", $"'{id}' is used twice.");
        }

        var risk = rule.TryGetProperty("risk", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : -1;
        if (risk is not (> 0 and <= 1))
        {
            Error($"{path}.risk", "is a number above 0 and up to 1.");
        }

        var checkpoints = 0;
        foreach (var name in List(rule, "checkpoints", path, required: true))
        {
            var mask = name switch
            {
                "input" => Rule.Mask(Checkpoint.Input),
                "tool-description" => Rule.Mask(Checkpoint.ToolDescription),
                "tool-arguments" => Rule.Mask(Checkpoint.ToolArguments),
                "tool-result" => Rule.Mask(Checkpoint.ToolResult),
                _ => 0,
            };
            checkpoints |= mask;
            if (mask == 0)
            {
                Error($"{path}.checkpoints", $"'{name}' is not a checkpoint. Use input, tool-description, tool-arguments or tool-result; answers have output.blockPatterns and output.redactPatterns.");
            }
        }

        var (category, pattern) = (Text(rule, "category", path), Text(rule, "pattern", path));
        var (keywords, owasp, atlas) = (List(rule, "keywords", path), List(rule, "owasp", path), List(rule, "atlas", path));
        var (match, pass) = (List(rule, "match", path, required: true), List(rule, "pass", path, required: true));
        try
        {
            _rules.Add(new(id, category, risk, checkpoints, Pattern.Parse(pattern))
            {
                Keywords = [.. keywords.Select(CanonicalText.Fold)],
                Owasp = owasp,
                Atlas = atlas,
                Match = match,
                Pass = pass,
            });
        }
        catch (PatternException e)
        {
            Error($"{path}.pattern", $"{e.Message}.");
        }
    }

    private string Text(JsonElement parent, string name, string path)
    {
        if (parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        Error($"{path}.{name}", "is missing or empty.");
        return "";
    }

    private List<string> List(JsonElement parent, string name, string path, bool required = false)
    {
        var list = new List<string>();
        if (parent.TryGetProperty(name, out var values))
        {
            if (values.ValueKind != JsonValueKind.Array)
            {
                Error($"{path}.{name}", "is not a list.");
                return list;
            }

            foreach (var value in values.EnumerateArray())
            {
                if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
                {
                    list.Add(text);
                }
                else
                {
                    Error($"{path}.{name}", "has an entry that is no text.");
                }
            }
        }

        if (required && list.Count == 0)
        {
            Error($"{path}.{name}", "is missing or empty.");
        }

        return list;
    }

    private void Error(string path, string message) => _errors.Add(new(path, message));
}
