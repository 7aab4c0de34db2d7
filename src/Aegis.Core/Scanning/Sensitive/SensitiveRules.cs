using System.Buffers;
using System.Text.Json;
using Aegis.Scanning.Rules;
using Aegis.Scanning.Sensitive.Checks;

namespace Aegis.Scanning.Sensitive;

/// <summary>The kinds of values that Aegis knows: <c>personal.json</c> and <c>secrets.json</c>, with the examples that prove them.</summary>
internal static class SensitiveRules
{
    private static readonly Lazy<IReadOnlyList<SensitiveRule>> Own = new(static () => [.. Read("secrets.json", SensitiveKind.Secret), .. Read("personal.json", SensitiveKind.Personal)]);
    private static readonly Lazy<SensitiveScanner> Both = new(static () => new(Own.Value, sieve: static () => KnownRules.Sieve));
    private static readonly Lazy<SensitiveScanner> PersonalOnly = new(static () => new(Own.Value.Where(static rule => rule.Kind == SensitiveKind.Personal), sieve: static () => KnownRules.Sieve));
    private static readonly Lazy<SensitiveScanner> SecretsOnly = new(static () => new(Own.Value.Where(static rule => rule.Kind == SensitiveKind.Secret), sieve: static () => KnownRules.Sieve));
    private static readonly Lazy<IReadOnlyList<string>> Types = new(static () => [.. Own.Value.Where(static rule => rule.Kind == SensitiveKind.Personal).Select(static rule => rule.Type.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    private static readonly Lazy<IReadOnlyList<SensitiveRule>> ForReaders = new(static () => [.. Read("payloads.json", SensitiveKind.Payload)]);

    /// <summary>What is meant for the next reader: <c>payloads.json</c>.</summary>
    public static IReadOnlyList<SensitiveRule> Payloads => ForReaders.Value;

    /// <summary>All of them, those that say most first.</summary>
    public static IReadOnlyList<SensitiveRule> BuiltIn => Own.Value;

    /// <summary>The kinds of personal data, as policies name them.</summary>
    public static IReadOnlyList<string> PersonalTypes => Types.Value;

    /// <summary>What finds personal data, secrets or both; null: neither.</summary>
    public static SensitiveScanner? For(bool personal, bool secrets) =>
        personal && secrets ? Both.Value : personal ? PersonalOnly.Value : secrets ? SecretsOnly.Value : null;

    /// <summary>The file of a kind.</summary>
    public static JsonDocument Open(string file)
    {
        using var stream = typeof(SensitiveRules).Assembly.GetManifestResourceStream(file) ?? throw new InvalidOperationException($"The resource {file} is missing.");
        return JsonDocument.Parse(stream);
    }

    private static IEnumerable<SensitiveRule> Read(string file, SensitiveKind kind)
    {
        using var document = Open(file);
        return [.. document.RootElement.EnumerateArray().Select(rule => Read(rule, kind))];
    }

    private static SensitiveRule Read(JsonElement rule, SensitiveKind kind) =>
        new(Text(rule, "id")!, kind, Text(rule, "type")!, Text(rule, "pattern")!, Text(rule, "before"), rule.TryGetProperty("ignoreCase", out var ignores) && ignores.GetBoolean())
        {
            NotBefore = Members(Text(rule, "notTouching") + Text(rule, "notBefore")),
            NotBehind = Members(Text(rule, "notTouching") + Text(rule, "notBehind")),
            Extends = Members(Text(rule, "extends") ?? ""),
            IsOpen = Text(rule, "opens") is not null,
            Context = Texts(rule, "context"),
            NotContext = Texts(rule, "notContext"),
            Check = Text(rule, "check") is { } check ? ValueChecks.Named(check) : null,
        };

    private static string? Text(JsonElement rule, string member) => rule.TryGetProperty(member, out var value) ? value.GetString() : null;

    private static string[] Texts(JsonElement rule, string member) => rule.TryGetProperty(member, out var value) ? [.. value.EnumerateArray().Select(static text => text.GetString()!)] : [];

    /// <summary>The characters of a class, written as between its brackets.</summary>
    private static SearchValues<char> Members(string written) => written.Length == 0 ? SearchValues.Create("")
        : new PatternParser($"[{written}]", isExact: true).Parse().Root is PatternNode.Class { Sets: "", IsNegated: false } members
            ? SearchValues.Create([.. members.Ranges.SelectMany(static range => Enumerable.Range(range.From, range.To - range.From + 1)).Select(static c => (char)c)])
            : throw new InvalidOperationException("A class of characters names them.");
}
