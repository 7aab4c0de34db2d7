using System.Collections.Frozen;
using System.Text.Json;

namespace Aegis.Tools;

/// <summary>The English words by which requests and tools are held against each other: data, in <c>task-words.json</c>.</summary>
internal sealed class TaskWords
{
    private readonly FrozenDictionary<string, string[]> _verbs;
    private readonly FrozenDictionary<string, string[]> _nouns;

    private TaskWords(JsonElement data)
    {
        var actions = data.GetProperty("actions").EnumerateObject().Select(static action => (action.Name, Verbs: Texts(action.Value, "verbs"), Nouns: Texts(action.Value, "nouns"))).ToList();
        _verbs = By(actions.SelectMany(static action => action.Verbs.Select(verb => (verb, action.Name))));
        _nouns = By(actions.SelectMany(static action => action.Nouns.Select(noun => (noun, action.Name))));
        Reads = Texts(data, "reads").ToFrozenSet(StringComparer.Ordinal);
        Joins = Texts(data, "joins").ToFrozenSet(StringComparer.Ordinal);
        Things = Texts(data, "things").ToFrozenSet(StringComparer.Ordinal);
        Begins = Texts(data, "begins").ToFrozenSet(StringComparer.Ordinal);
        Not = Texts(data, "not").ToFrozenSet(StringComparer.Ordinal);
    }

    public static TaskWords Default { get; } = Load();

    /// <summary>A tool whose name begins so reads, whatever thing is called next.</summary>
    public FrozenSet<string> Reads { get; }

    /// <summary>A tool whose name has one of these does several things.</summary>
    public FrozenSet<string> Joins { get; }

    /// <summary>Behind these a word is the name of a thing.</summary>
    public FrozenSet<string> Things { get; }

    /// <summary>Behind these, or where a clause begins, a word can say what to do that mostly is the name of a thing.</summary>
    public FrozenSet<string> Begins { get; }

    /// <summary>Behind these a word says what not to do.</summary>
    public FrozenSet<string> Not { get; }

    /// <summary>The actions that a verb stands for.</summary>
    public IReadOnlyList<string> OfVerb(string word) => _verbs.GetValueOrDefault(word, []);

    /// <summary>The actions that a word stands for which mostly is the name of a thing.</summary>
    public IReadOnlyList<string> OfNoun(string word) => _nouns.GetValueOrDefault(word, []);

    /// <summary>The verb that a form in -ing is of, or null.</summary>
    public string? VerbOfForm(string word)
    {
        if (word.Length < 5 || !word.EndsWith("ing", StringComparison.Ordinal))
        {
            return null;
        }

        var stem = word[..^3];
        var single = stem.Length > 2 && stem[^1] == stem[^2] ? stem[..^1] : stem;
        return new[] { stem, $"{stem}e", single }.FirstOrDefault(_verbs.ContainsKey);
    }

    /// <summary>A word without its ending, so that <c>invoices</c> and <c>invoice</c> are one. Linear, and the same in any culture.</summary>
    public static string StemOf(string word)
    {
        var stem = word switch
        {
            [.., 'i', 'e', 's'] when word.Length > 4 => $"{word[..^3]}y",
            [.., 's', 's'] or [.., 'u', 's'] or [.., 'i', 's'] => word,
            [.., 's'] when word.Length > 3 => word[..^1],
            _ => word,
        };
        stem = stem is [.., 'i', 'n', 'g'] && stem.Length > 5 ? stem[..^3] : stem;
        return stem is [.., 'e'] && stem.Length > 3 ? stem[..^1] : stem;
    }

    private static FrozenDictionary<string, string[]> By(IEnumerable<(string Word, string Action)> words) =>
        words.GroupBy(static word => word.Word, static word => word.Action, StringComparer.Ordinal).ToFrozenDictionary(static group => group.Key, static group => group.Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);

    private static string[] Texts(JsonElement owner, string name) => [.. owner.GetProperty(name).EnumerateArray().Select(static text => text.GetString()!)];

    private static TaskWords Load()
    {
        using var stream = typeof(TaskWords).Assembly.GetManifestResourceStream("task-words.json")!;
        using var document = JsonDocument.Parse(stream);
        return new(document.RootElement);
    }
}
