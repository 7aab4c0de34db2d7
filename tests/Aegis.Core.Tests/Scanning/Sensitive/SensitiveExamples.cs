using System.Text.Json;
using Aegis.Scanning.Sensitive;

namespace Aegis.Core.Tests.Scanning.Sensitive;

/// <summary>The examples of the rules. A value stands between ⟦ and ⟧; ⟨⟩ keeps scanners of repositories from taking an example for a live key.</summary>
internal static class SensitiveExamples
{
    public static IReadOnlyList<(SensitiveRule Rule, IReadOnlyList<string> Match, IReadOnlyList<string> Pass)> All { get; } = Read();

    /// <summary>An example without marks, and where its values stand.</summary>
    public static (string Text, IReadOnlyList<TextRange> Values) Unmarked(string example)
    {
        var (text, values, open) = ("", new List<TextRange>(), 0);
        foreach (var c in example.Replace("⟨⟩", "", StringComparison.Ordinal))
        {
            if (c == '⟦')
            {
                open = text.Length;
            }
            else if (c == '⟧')
            {
                values.Add(new(open, text.Length));
            }
            else
            {
                text += c;
            }
        }

        return (text, values);
    }

    private static (SensitiveRule, IReadOnlyList<string>, IReadOnlyList<string>)[] Read()
    {
        var rules = SensitiveRules.BuiltIn.Concat(SensitiveRules.Payloads).ToDictionary(static rule => rule.Id);
        return [.. new[] { "secrets.json", "personal.json", "payloads.json" }.SelectMany(file =>
        {
            using var document = SensitiveRules.Open(file);
            return document.RootElement.EnumerateArray().Select(rule => (rules[rule.GetProperty("id").GetString()!], Texts(rule, "match"), Texts(rule, "pass"))).ToArray();
        })];
    }

    private static IReadOnlyList<string> Texts(JsonElement rule, string member) => [.. rule.GetProperty(member).EnumerateArray().Select(static text => text.GetString()!)];
}
