using System.Globalization;
using Aegis.Policies;
using Aegis.Policies.Documents;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>Reads a rule pack, and collects every mistake with its place.</summary>
/// <param name="json">The pack.</param>
/// <param name="source">What mistakes call it.</param>
/// <param name="taken">Ids that its rules must not have.</param>
internal sealed class RulePackReader(string json, string source, IReadOnlySet<string> taken)
{
    private static readonly string[] PackMembers = ["pack", "version", "rules"];
    private static readonly string[] RuleMembers = ["id", "category", "risk", "checkpoints", "owasp", "atlas", "keywords", "pattern", "match", "pass"];

    private static readonly Dictionary<string, Checkpoint> Checkpoints = new(StringComparer.Ordinal)
    {
        ["input"] = Checkpoint.Input,
        ["tool-description"] = Checkpoint.ToolDescription,
        ["tool-arguments"] = Checkpoint.ToolArguments,
        ["tool-result"] = Checkpoint.ToolResult,
    };

    private readonly PolicyErrorList _errors = new();
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly List<Rule> _rules = [];
    private readonly List<RuleExample> _examples = [];

    /// <summary>Every mistake so far.</summary>
    public IReadOnlyList<PolicyError> Errors => _errors.Errors;

    /// <summary>The pack, without the rules that cannot be read.</summary>
    public RulePack Read()
    {
        var found = new PolicyErrorList();
        var root = new JsonDocumentReader(source, json, found).Read();
        foreach (var error in found.Errors)
        {
            Error(new(source, error.Line, error.Column), error.Path, error.Message);
        }

        if (root is null)
        {
            return new("", []);
        }

        var pack = Members(root, "$", "a pack", PackMembers);
        var name = Text(pack, root, "$", "pack");
        Version(pack);
        if (pack.GetValueOrDefault("rules") is not { Kind: DocumentKind.List, Items.Count: > 0 } rules)
        {
            Error(pack.GetValueOrDefault("rules")?.At ?? root.At, "$.rules", "is missing, empty or no list. A pack is {\"pack\":…,\"rules\":[…]}.");
            return new(name, []);
        }

        foreach (var (index, rule) in rules.Items.Index())
        {
            Rule(rule, FormattableString.Invariant($"$.rules[{index}]"));
        }

        return new(name, _rules);
    }

    /// <summary>Runs the examples of every rule that could be read.</summary>
    public void RunExamples()
    {
        foreach (var ofRule in _examples.GroupBy(static example => example.Rule))
        {
            var matcher = new RuleMatcher([ofRule.Key with { Checkpoints = Scanning.Rules.Rule.Mask(Checkpoint.Input) }]);
            foreach (var example in ofRule.Where(example => example.IsMatch != Matches(matcher, example.Text)))
            {
                Error(example.At, example.Path, !example.IsMatch ? "is matched. Make the pattern narrower."
                    : ofRule.Key.Keywords.Count == 0 ? "is not matched. Check the pattern."
                    : "is not matched. Check the pattern, and that a keyword stands in every match if the pattern names no word.");
            }
        }
    }

    private static bool Matches(RuleMatcher matcher, string example)
    {
        using var canonical = CanonicalText.Of(example);
        var hits = new List<RuleHit>();
        matcher.Match(canonical, Checkpoint.Input, hits);
        return hits.Count > 0;
    }

    private void Rule(DocumentNode node, string path)
    {
        if (node.Kind != DocumentKind.Map)
        {
            Error(node.At, path, "is not an object.");
            return;
        }

        var before = Errors.Count;
        var rule = Members(node, path, "a rule", RuleMembers);
        var id = Id(rule, node, path);
        var risk = Risk(rule, node, path);
        var checkpoints = Mask(rule, node, path);
        var (category, source) = (Text(rule, node, path, "category"), Text(rule, node, path, "pattern"));
        var (keywords, match, pass) = (Texts(rule, node, path, "keywords", isRequired: false), Texts(rule, node, path, "match"), Texts(rule, node, path, "pass"));
        var owasp = Ids(rule, node, path, "owasp", RuleIds.IsOwasp, "an OWASP id, for example LLM01:2025 or ASI01:2026");
        var atlas = Ids(rule, node, path, "atlas", RuleIds.IsAtlas, "a MITRE ATLAS id, for example AML.T0051.001");
        if (source.Length == 0)
        {
            return;
        }

        foreach (var keyword in keywords.Where(static keyword => string.IsNullOrWhiteSpace(CanonicalText.Fold(keyword.Text))))
        {
            Error(keyword.At, keyword.Path, "has no character that is seen.");
        }

        if (category == PolicyCompiler.CustomCategory)
        {
            Error(rule["category"].At, $"{path}.category", "is that of scanner.customPatterns. Name a kind of threat, for example 'data-exfiltration'.");
        }

        try
        {
            var read = new Rule(id, category, risk, checkpoints, Pattern.Parse(source))
            {
                Keywords = [.. keywords.Select(static keyword => CanonicalText.Fold(keyword.Text))],
                Owasp = owasp,
                Atlas = atlas,
                Match = [.. match.Select(static example => example.Text)],
                Pass = [.. pass.Select(static example => example.Text)],
            };
            _examples.AddRange(match.Select(example => new RuleExample(read, example.Text, example.At, example.Path, IsMatch: true)));
            _examples.AddRange(pass.Select(example => new RuleExample(read, example.Text, example.At, example.Path, IsMatch: false)));
            if (Errors.Count == before)
            {
                _rules.Add(read);
            }
        }
        catch (PatternException e)
        {
            Error(rule["pattern"].At, $"{path}.pattern", $"{e.Message}.");
        }
    }

    private void Version(Dictionary<string, DocumentNode> pack)
    {
        if (pack.GetValueOrDefault("version") is { } version && version is not { Kind: DocumentKind.Text, Text: "1" })
        {
            Error(version.At, "$.version", "is not \"1\", the only version of the format. Leave it out, or write \"1\".");
        }
    }

    private string Id(Dictionary<string, DocumentNode> rule, DocumentNode node, string path)
    {
        var id = Text(rule, node, path, "id");
        if (id.Length == 0)
        {
            return id;
        }

        var (at, place) = (rule["id"].At, $"{path}.id");
        if (!RuleIds.IsRule(id))
        {
            Error(at, place, FormattableString.Invariant($"'{PolicyErrorList.Shown(id)}' is not an id. Use a-z, 0-9, '-', '_' and '.', in parts joined by '/', at most {RuleIds.MaxLength} characters: 'shop/export-all'."));
        }
        else if (!_ids.Add(id))
        {
            Error(at, place, $"'{id}' is used twice.");
        }
        else if (taken.Contains(id) || TextScanner.OtherRules.Contains(id, StringComparer.Ordinal) || id == TextScanner.Undecoded || id.StartsWith(PolicyCompiler.CustomIds, StringComparison.Ordinal))
        {
            Error(at, place, $"'{id}' is the id of a rule elsewhere: of Aegis or of another pack. Begin it with the name of your pack.");
        }

        return id;
    }

    private double Risk(Dictionary<string, DocumentNode> rule, DocumentNode node, string path)
    {
        if (rule.GetValueOrDefault("risk") is { Kind: DocumentKind.Number } said && double.TryParse(said.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var risk) && risk is > 0 and <= 1)
        {
            return risk;
        }

        Error(rule.GetValueOrDefault("risk")?.At ?? node.At, $"{path}.risk", "is missing or not a number above 0 and up to 1.");
        return 1;
    }

    private int Mask(Dictionary<string, DocumentNode> rule, DocumentNode node, string path)
    {
        var mask = 0;
        foreach (var name in Texts(rule, node, path, "checkpoints"))
        {
            if (Checkpoints.TryGetValue(name.Text, out var checkpoint))
            {
                mask |= Scanning.Rules.Rule.Mask(checkpoint);
            }
            else
            {
                Error(name.At, name.Path, $"'{PolicyErrorList.Shown(name.Text)}' is not a checkpoint.{Suggestion.For(name.Text, Checkpoints.Keys)} Use {string.Join(", ", Checkpoints.Keys)}; answers have output.blockPatterns and output.redactPatterns.");
            }
        }

        return mask;
    }

    private IReadOnlyList<string> Ids(Dictionary<string, DocumentNode> rule, DocumentNode node, string path, string name, Func<string, bool> isOne, string what)
    {
        var ids = Texts(rule, node, path, name, isRequired: false);
        foreach (var id in ids.Where(id => !isOne(id.Text)))
        {
            Error(id.At, id.Path, $"'{PolicyErrorList.Shown(id.Text)}' is not {what}.");
        }

        return [.. ids.Select(static id => id.Text)];
    }

    /// <summary>The members by name; those that are unknown or stand twice are mistakes.</summary>
    private Dictionary<string, DocumentNode> Members(DocumentNode node, string path, string what, string[] known)
    {
        var members = new Dictionary<string, DocumentNode>(StringComparer.Ordinal);
        foreach (var member in node.Members)
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
            {
                var shown = PolicyErrorList.Shown(member.Name);
                Error(member.At, $"{path}.{shown}", $"'{shown}' is not a member of {what}.{Suggestion.For(member.Name, known)} Members are: {string.Join(", ", known)}.");
            }
            else if (!members.TryAdd(member.Name, member.Value))
            {
                Error(member.At, $"{path}.{member.Name}", "stands here twice. Remove one.");
            }
        }

        return members;
    }

    private string Text(Dictionary<string, DocumentNode> members, DocumentNode node, string path, string name)
    {
        if (members.GetValueOrDefault(name) is { Kind: DocumentKind.Text, Text.Length: > 0 } said)
        {
            return said.Text;
        }

        Error(members.GetValueOrDefault(name)?.At ?? node.At, $"{path}.{name}", "is missing, empty or no text.");
        return "";
    }

    private List<(string Text, DocumentPosition At, string Path)> Texts(Dictionary<string, DocumentNode> members, DocumentNode node, string path, string name, bool isRequired = true)
    {
        var texts = new List<(string, DocumentPosition, string)>();
        if (members.GetValueOrDefault(name) is not { } said)
        {
            if (isRequired)
            {
                Error(node.At, $"{path}.{name}", "is missing.");
            }

            return texts;
        }

        if (said.Kind != DocumentKind.List || (isRequired && said.Items.Count == 0))
        {
            Error(said.At, $"{path}.{name}", said.Kind == DocumentKind.List ? "is empty." : "is not a list.");
        }

        foreach (var (index, item) in said.Items.Index())
        {
            var place = FormattableString.Invariant($"{path}.{name}[{index}]");
            if (item is { Kind: DocumentKind.Text, Text.Length: > 0 })
            {
                texts.Add((item.Text, item.At, place));
            }
            else
            {
                Error(item.At, place, "is empty or no text.");
            }
        }

        return texts;
    }

    private void Error(DocumentPosition at, string path, string message) => _errors.Add(PolicyErrorCodes.Pack, at, path, message);
}
