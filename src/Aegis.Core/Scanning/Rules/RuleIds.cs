using System.Buffers;
using System.Globalization;

namespace Aegis.Scanning.Rules;

/// <summary>How ids of rules, and those of the lists that they refer to, are written.</summary>
internal static class RuleIds
{
    /// <summary>Characters of a rule's id, at most.</summary>
    public const int MaxLength = 100;

    private static readonly string[] OwaspLists = ["LLM", "ASI", "MCP"];   // LLM applications, agentic applications, MCP
    private static readonly string[] AtlasForms = ["AML.T0000", "AML.T0000.000", "AML.AA0000"];
    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Whether it is the id of a rule: parts joined by slashes.</summary>
    public static bool IsRule(string id) => id.Length <= MaxLength && Array.TrueForAll(id.Split('/'), static part => part.Length > 0 && !part.AsSpan().ContainsAnyExcept(Letters));

    /// <summary>Whether it is an entry of one of OWASP's lists of ten.</summary>
    public static bool IsOwasp(string id) => HasForm(id, "AAA00:0000") && OwaspLists.Contains(id[..3], StringComparer.Ordinal) && int.Parse(id.AsSpan(3, 2), CultureInfo.InvariantCulture) is >= 1 and <= 10;

    /// <summary>Whether it is a technique or a tactic of MITRE ATLAS.</summary>
    public static bool IsAtlas(string id) => Array.Exists(AtlasForms, form => HasForm(id, form));

    /// <summary>Whether a text has letters where a form has A, digits where it has 0, and else its characters.</summary>
    private static bool HasForm(string text, string form) =>
        text.Length == form.Length && text.Zip(form).All(static pair => pair.Second switch
        {
            'A' => char.IsAsciiLetterUpper(pair.First),
            '0' => char.IsAsciiDigit(pair.First),
            _ => pair.First == pair.Second,
        });
}
