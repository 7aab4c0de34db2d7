using System.Text;
using Aegis.Scanning.Rules;
using Aegis.Scanning.Sensitive;

namespace Aegis.Benchmarks;

/// <summary>Distinct texts, the same in every run.</summary>
internal static class Texts
{
    private static readonly string[] Values = ["secrets.json", "personal.json"];

    /// <summary>Harmless texts, words of the rules in disorder, and attacks among harmless texts.</summary>
    public static IEnumerable<(string Kind, string Text)> Sources()
    {
        string[] pass = [.. RulePack.Sources.SelectMany(static pack => pack.Rules).SelectMany(static rule => rule.Pass)];
        string[] match = [.. RulePack.Sources.SelectMany(static pack => pack.Rules).SelectMany(static rule => rule.Match)];
        string[] words = [.. pass.Concat(match).SelectMany(static text => text.Split(' ')).Distinct(StringComparer.Ordinal)];
        string[] prose = Harmless();
        yield return ("harmless", Shuffled(prose, "\n"));
        yield return ("near misses", Shuffled(words, " "));
        yield return ("an attack every 20 texts", Shuffled([.. prose.Index().Select(text => text.Index % 20 == 0 ? match[text.Index / 20 % match.Length] : text.Item)], "\n"));
    }

    /// <summary>The harmless texts from which the classifier learns, each on a line.</summary>
    public static string[] Harmless() => [.. Directory.EnumerateFiles(Path.Combine(Root(), "corpora", "training"), "*harmless*").Order(StringComparer.Ordinal).SelectMany(File.ReadLines)];

    /// <summary>What looks like personal data and secrets and is none: the harmless examples of their rules.</summary>
    public static string[] NearValues() => [.. Values.SelectMany(static file =>
    {
        using var rules = SensitiveRules.Open(file);
        return rules.RootElement.EnumerateArray().SelectMany(static rule => rule.GetProperty("pass").EnumerateArray().Select(static text => text.GetString()!.Replace("⟨⟩", "", StringComparison.Ordinal))).ToArray();
    })];

    public static string Shuffled(string[] texts, string between)
    {
        var random = new Random(7);
        random.Shuffle(texts);
        return string.Join(between, texts);
    }

    /// <summary>A part of a text that goes on from its beginning.</summary>
    public static string Part(string source, int start, int length)
    {
        var part = new StringBuilder(length);
        for (start %= source.Length; part.Length < length; start = 0)
        {
            part.Append(source, start, Math.Min(length - part.Length, source.Length - start));
        }

        return part.ToString();
    }

    /// <summary>A text in pieces of so many characters, or in one.</summary>
    public static string[] Cut(string text, int? size) => size is not { } length ? [text] : [.. text.Chunk(length).Select(static piece => new string(piece))];

    /// <summary>A text of so many characters that says one thing over and over.</summary>
    public static string Repeated(string unit, int length) => string.Concat(Enumerable.Repeat(unit, (length / unit.Length) + 1))[..length];

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "corpora")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository's corpora are not above the benchmarks.");
        }

        return folder.FullName;
    }
}
