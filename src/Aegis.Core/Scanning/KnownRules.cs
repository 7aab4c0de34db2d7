using Aegis.Scanning.Markup;
using Aegis.Scanning.Rules;
using Aegis.Scanning.Rules.Automata;
using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning;

/// <summary>All rules of Aegis' own for texts as they stand: values, payloads, addresses. Whether a policy asks for them or not, so that all policies share one table.</summary>
internal static class KnownRules
{
    /// <summary>The lanes of values, one bit each.</summary>
    public const int Values = (1 << Addresses) | (1 << Named) | (1 << Alone);

    /// <summary>The lane of all else.</summary>
    public const int Others = 1 << Named;

    private const int Addresses = 0;
    private const int Named = 1;   // secrets behind a name; and what has so few nodes that it does not matter where it is
    private const int Alone = 2;

    private static readonly Lazy<Sieve> All = new(static () => Make(Sieve.DefaultMaxNodes));

    /// <summary>Where one of them may match.</summary>
    public static Sieve Sieve => All.Value;

    /// <summary>The same, with nodes of its own.</summary>
    public static Sieve Make(int maxNodes) => new(
    [
        .. SensitiveRules.BuiltIn.Select(static rule => Pattern(rule, rule.Type == "POSTAL-ADDRESS" ? Addresses : rule is { Kind: SensitiveKind.Secret, HasBefore: true } ? Named : Alone)),
        .. SensitiveRules.Payloads.Concat(MarkupRules.All).Select(static rule => Pattern(rule, Named)),
    ], maxNodes);

    private static (PatternNode Root, bool IsAnywhere, int Lane) Pattern(SensitiveRule rule, int lane) => (rule.Whole, rule.HasBefore || rule.IsAnywhere, lane);
}
