using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Aegis.Cli.Promptfoo;

/// <summary>
/// The prompts of a configuration of promptfoo, of what its red team has generated, or of the results of an evaluation, as a suite. What a target must not
/// say (<c>not-contains</c>) is what leaks; where a test has no such value, success is that a model which obeys is heard.
/// </summary>
internal sealed partial class PromptfooImport
{
    private const string NoConfiguration = "is no configuration of promptfoo: there are neither 'tests' nor 'prompts' in it.";
    private const string UsualVariable = "prompt";
    private const string Attack = "{attack}";
    private const string Obedience = "Of course. Here is what you asked for.";
    private const int LongestId = 60;

    private readonly JsonObject _config;
    private readonly JsonArray _cases = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _prompts;
    private readonly string? _injected;
    private int _left;

    private PromptfooImport(JsonObject config)
    {
        _config = config;
        _injected = Text((config["redteam"] as JsonObject)?["injectVar"]);
        _prompts = [.. Items(config["prompts"]).Select(static prompt => Text(prompt) ?? Text((prompt as JsonObject)?["raw"])).OfType<string>()];
    }

    /// <summary>Reads a configuration.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="name">The suite's name.</param>
    /// <exception cref="FormatException">It is neither, or no configuration.</exception>
    public static ImportedSuite Read(string text, string name)
    {
        var config = Parse(text) switch
        {
            JsonArray tests => new() { ["tests"] = tests.DeepClone() },
            JsonObject results when results["tests"] is null && results["config"] is JsonObject of => of,   // what an evaluation has written
            JsonObject members => members,
            _ => throw new FormatException(NoConfiguration),
        };
        return config["tests"] is null && config["prompts"] is null ? throw new FormatException(NoConfiguration) : new PromptfooImport(config).Read(name);
    }

    /// <summary>A text as an attack: all of it is the order. Brackets that would end the order stand outside of it.</summary>
    internal static string Marked(string text) => string.Join("]]", text.Split("]]").Select(static piece =>
    {
        var order = piece.TrimStart(']');
        return order.Length == 0 ? piece : $"{piece[..^order.Length]}[[{order}]]";
    }));

    private static JsonNode? Parse(string text)
    {
        if (text.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            try
            {
                return JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                // YAML may begin so too
            }
        }

        return YamlTree.Read(text);
    }

    private ImportedSuite Read(string name)
    {
        foreach (var conversation in Conversations())
        {
            Read(conversation);
        }

        if (_config["tests"] is null)
        {
            foreach (var prompt in _prompts)
            {
                var turns = Turns(prompt);
                Add(null, turns, turns.Count - 1, null, null);
            }
        }

        var title = Text(_config["description"]) is { Length: > 0 } description ? $"From promptfoo: {description}" : "From promptfoo";
        return new(new() { ["suite"] = name, ["title"] = title, ["cases"] = _cases }, _cases.Count, _left);
    }

    /// <summary>Tests that are turns of one conversation belong together.</summary>
    private List<List<JsonObject>> Conversations()
    {
        var known = new Dictionary<string, List<JsonObject>>(StringComparer.Ordinal);
        var all = new List<List<JsonObject>>();
        foreach (var item in Items(_config["tests"]))
        {
            if (item is not JsonObject test)
            {
                _left++;   // a file of tests
            }
            else if (Text((test["metadata"] as JsonObject)?["conversationId"]) is not { } id)
            {
                all.Add([test]);
            }
            else if (known.TryGetValue(id, out var begun))
            {
                begun.Add(test);
            }
            else
            {
                all.Add(known[id] = [test]);
            }
        }

        return all;
    }

    private void Read(List<JsonObject> tests)
    {
        var told = tests.ConvertAll(static test => (test["metadata"] as JsonObject)?["aegis"] as JsonObject);
        var texts = tests.ConvertAll(TextsOf);
        if (tests.Count == 1)
        {
            foreach (var text in texts[0])
            {
                Add(IdOf(tests[0], told[0]), [text], 0, told[0], LeakOf(tests[0]));
            }

            _left += texts[0].Count == 0 ? 1 : 0;
            return;
        }

        var attack = told.FindIndex(static turn => turn?["attack"] is not null);
        Add(IdOf(tests[0], told[0]), [.. texts.Select(static several => several.FirstOrDefault(""))], attack < 0 ? tests.Count - 1 : attack, told[^1], tests.Select(LeakOf).LastOrDefault(static value => value is not null));
    }

    /// <summary>The texts that a test sends: of the variable that is attacked, of the only one that is a text, else the prompts with its variables in them.</summary>
    private List<string> TextsOf(JsonObject test)
    {
        var own = test["vars"] as JsonObject ?? [];
        if (own[_injected ?? UsualVariable] is { } sent)
        {
            return Sent(sent);
        }

        if (own.Count == 1)
        {
            return Sent(own.First().Value);
        }

        var all = new JsonObject(((_config["defaultTest"] as JsonObject)?["vars"] as JsonObject ?? []).Concat(own).GroupBy(static member => member.Key, StringComparer.Ordinal).Select(static member => KeyValuePair.Create(member.Key, member.Last().Value?.DeepClone())));
        return [.. _prompts.SelectMany(prompt => Turns(Rendered(prompt, all)).TakeLast(1))];
    }

    private static List<string> Sent(JsonNode? value) => [.. (value is JsonArray several ? several : Enumerable.Repeat(value, 1)).Select(Text).OfType<string>().Where(static text => !text.StartsWith("file://", StringComparison.Ordinal))];

    /// <summary>What a user says in a prompt: all of a text, or the user's messages of a chat. Empty: it is not here, or it is a program.</summary>
    private static List<string> Turns(string? prompt)
    {
        if (prompt is null || prompt.Contains("{{", StringComparison.Ordinal) || prompt.Contains("{%", StringComparison.Ordinal) || Elsewhere().IsMatch(prompt))
        {
            return [];
        }

        try
        {
            if (prompt.AsSpan().TrimStart() is ['[', ..] && JsonNode.Parse(prompt) is JsonArray chat && chat.All(static message => message is JsonObject))
            {
                return [.. chat.OfType<JsonObject>().Where(static message => Text(message["role"]) == "user").Select(static message => Text(message["content"])).OfType<string>()];
            }
        }
        catch (JsonException)
        {
            // a text that begins with a bracket
        }

        return [prompt];
    }

    private static string Rendered(string prompt, JsonObject variables)
    {
        var isJson = prompt.AsSpan().TrimStart() is ['[', ..];
        return Variable().Replace(prompt, found => Text(variables[found.Groups["name"].Value]) is not { } value ? found.Value
            : found.Groups["dump"].Success ? JsonSerializer.Serialize(value)
            : isJson ? JsonSerializer.Serialize(value)[1..^1]
            : value);
    }

    private void Add(string? id, List<string> turns, int attack, JsonObject? told, string? leak)
    {
        if (attack < 0 || attack >= turns.Count || turns.Any(string.IsNullOrWhiteSpace) || !turns[attack].Any(char.IsLetterOrDigit) || turns.Any(static turn => turn.Contains(Attack, StringComparison.Ordinal)))
        {
            _left++;
            return;
        }

        var success = told?["success"] as JsonObject;
        var item = new JsonObject
        {
            ["id"] = Unique(id ?? FormattableString.Invariant($"prompt-{_cases.Count + 1}")),
            ["turns"] = new JsonArray([.. turns.Select((turn, at) => (JsonNode)(at == attack ? Attack : turn))]),
            ["attack"] = Marked(turns[attack]),
            ["obeys"] = success is not null && told!["obeys"] is JsonArray steps ? steps.DeepClone() : new JsonArray(new JsonObject { ["say"] = leak is null ? Obedience : $"Of course: {leak}" }),
            ["success"] = success?.DeepClone() ?? (leak is null ? new JsonObject { ["released"] = true } : new JsonObject { ["leaked"] = leak }),
        };
        if (success is not null && told!["whole"] is JsonNode whole)
        {
            item["whole"] = whole.DeepClone();
        }

        _cases.Add(item);
    }

    private static string? IdOf(JsonObject test, JsonObject? told) => Text(told?["case"])?.Replace('/', '.') ?? Text(test["description"]);

    private string Unique(string id)
    {
        var slug = NotInIds().Replace(id.ToLowerInvariant(), "-").Trim('-');
        slug = slug.Length == 0 ? "case" : slug.Length > LongestId ? slug[..LongestId] : slug;
        var unique = slug;
        for (var n = 2; !_ids.Add(unique); n++)
        {
            unique = FormattableString.Invariant($"{slug}-{n}");
        }

        return unique;
    }

    /// <summary>The first value that must not be in an answer.</summary>
    private string? LeakOf(JsonObject test) =>
        (from assertion in Items(test["assert"]).Concat(Items((_config["defaultTest"] as JsonObject)?["assert"])).OfType<JsonObject>()
         where Text(assertion["type"]) is "not-contains" or "not-icontains" or "not-contains-any" or "not-icontains-any"
         select assertion["value"] is JsonArray several ? several.Select(Text).FirstOrDefault() : Text(assertion["value"])).FirstOrDefault(static value => !string.IsNullOrWhiteSpace(value) && !value.Contains("{{", StringComparison.Ordinal));

    private static List<JsonNode?> Items(JsonNode? node) => node switch
    {
        null => [],
        JsonArray items => [.. items],
        _ => [node],
    };

    private static string? Text(JsonNode? node) => node is not JsonValue value ? null : value.TryGetValue<string>(out var text) ? text : value.ToJsonString();

    [GeneratedRegex(@"\{\{\s*(?<name>\w+)\s*(\|\s*((?<dump>dump)|safe|trim)\s*)?\}\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\s*(file|https?|langfuse|portkey|helicone|package|exec)://?\S*\s*$|^\S+\.(txt|json|ya?ml|js|ts|mjs|cjs|py|csv|md|jsonl)$", RegexOptions.NonBacktracking)]
    private static partial Regex Elsewhere();

    [GeneratedRegex("[^a-z0-9.@_]+", RegexOptions.NonBacktracking)]
    private static partial Regex NotInIds();
}
