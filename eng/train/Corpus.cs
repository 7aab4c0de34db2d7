using System.Text.Json;
using Aegis.Policies;
using Aegis.Scanning;
using Aegis.Scanning.Rules;

namespace Aegis.Train;

/// <summary>The texts that are learnt from: public ones, and the examples of the rules.</summary>
internal sealed class Corpus
{
    /// <summary>Longer typed attacks say little of what stands in a tool's result.</summary>
    private const int MaxTyped = 1500;

    /// <summary>Users' requests in many languages, on code, crime and money: none of their words is an attack by itself, also not in a tool's result.</summary>
    private static readonly string[] Requests = ["frr", "frr-multi", "belle-zh", "oasst", "prompts-zh", "cse-instruct", "clinc150", "banking77"];

    private const double SureRisk = 0.7;
    private const string Examples = "examples";

    private static readonly TextScanner Rules = TextScanner.For([.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules)], new() { Classifier = false }, readsEncodings: true, PolicyCompiler.BlockLine(Sensitivity.Balanced));

    private readonly List<TrainingText> _typedAttacks = [];

    /// <param name="path">Judged texts, a JSON object a line.</param>
    /// <param name="own">A folder of texts that were written for this: <c>{typed,tool}-{attacks,harmless}….txt</c>, a text a line, and <c>tool-attacks.jsonl</c>.</param>
    public Corpus(string path, string own)
    {
        foreach (var line in File.ReadLines(path))
        {
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            if (row.GetProperty("kind").GetString() == "encoded" || (row.TryGetProperty("quotes_attack", out var quotes) && quotes.ValueKind == JsonValueKind.True))
            {
                continue;
            }

            var (source, text, isAttack) = (row.GetProperty("source").GetString()!, row.GetProperty("text").GetString()!, row.GetProperty("label").GetInt32() == 1);
            var isTyped = row.GetProperty("channel").GetString() == "user";
            var injected = row.TryGetProperty("injected", out var part) ? part.GetString() : null;
            Add(source, text, isAttack, injected, isTyped);
        }

        foreach (var file in Directory.GetFiles(own).Order(StringComparer.Ordinal))
        {
            AddWritten(file);
        }

        MoreTyped = [.. ExamplesAt(Checkpoint.Input)];
        MoreTools = [.. ExamplesAt(Checkpoint.ToolResult), .. _typedAttacks, .. Typed.Where(static text => !text.IsAttack && Requests.Contains(text.Source))];
    }

    public List<TrainingText> Typed { get; } = [];

    public List<TrainingText> Tools { get; } = [];

    /// <summary>Texts that are learnt from beside the typed ones, whichever source is left out.</summary>
    public IReadOnlyList<TrainingText> MoreTyped { get; }

    /// <summary>The same for tools' results.</summary>
    public IReadOnlyList<TrainingText> MoreTools { get; }

    private static IEnumerable<TrainingText> ExamplesAt(Checkpoint checkpoint) =>
        from rule in RulePack.Sources.SelectMany(static pack => pack.Rules)
        where rule.RunsAt(checkpoint)
        from example in rule.Risk >= SureRisk ? rule.Match.Select(static text => new TrainingText(Examples, text, isAttack: true)).Concat(Passing(rule)) : Passing(rule)
        select example;

    private static IEnumerable<TrainingText> Passing(Rule rule) => rule.Pass.Select(static text => new TrainingText(Examples, text, isAttack: false));

    private void AddWritten(string file)
    {
        var (name, isTyped) = (Path.GetFileNameWithoutExtension(file), Path.GetFileName(file).StartsWith("typed", StringComparison.Ordinal));
        foreach (var line in File.ReadLines(file))
        {
            if (file.EndsWith(".txt", StringComparison.Ordinal))
            {
                Add(name, line.Replace("\\n", "\n", StringComparison.Ordinal), name.Contains("-attacks", StringComparison.Ordinal), null, isTyped);
                continue;
            }

            using var row = JsonDocument.Parse(line);
            Add(name, row.RootElement.GetProperty("text").GetString()!, isAttack: true, row.RootElement.GetProperty("injected").GetString(), isTyped);
        }
    }

    private void Add(string source, string text, bool isAttack, string? injected, bool isTyped)
    {
        var read = new TrainingText(source, text, isAttack, injected) { RuleRisk = Rules.Scan(text, isTyped ? Checkpoint.Input : Checkpoint.ToolResult).Risk };
        (isTyped ? Typed : Tools).Add(read);
        if (isTyped && isAttack && text.Length < MaxTyped)
        {
            _typedAttacks.Add(read);
        }
    }
}
