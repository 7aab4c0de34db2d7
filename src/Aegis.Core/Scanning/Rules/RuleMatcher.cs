using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Tries a rule where texts stand in a row that each of its matches has. Linear: one pass for all of these texts, and a bounded number of automaton runs
/// per rule and character.
/// </summary>
internal sealed class RuleMatcher : IRuleMatcher
{
    private static readonly Lazy<RuleMatcher> Own = new(Load);

    [ThreadStatic]
    private static List<(int Rule, int Start, int Length)>? _found;

    private readonly Rule[] _rules;
    private readonly RuleWindows _exact;
    private readonly RuleWindows _loose;

    /// <param name="rules">Any rules.</param>
    public RuleMatcher(IReadOnlyList<Rule> rules)
    {
        _rules = [.. rules];
        var (exact, loose) = RuleChains.Indices(rules);
        (_exact, _loose) = (new(_rules, exact, new(exact.Keywords)), new(_rules, loose, new(loose.Keywords)));
    }

    private RuleMatcher(Rule[] rules, RuleWindows exact, RuleWindows loose) => (_rules, _exact, _loose) = (rules, exact, loose);

    /// <summary>That of all rules of the packs that Aegis brings, made once.</summary>
    public static RuleMatcher BuiltIn => Own.Value;

    /// <summary>That of some rules.</summary>
    public static IRuleMatcher For(IReadOnlyList<Rule> rules)
    {
        var own = BuiltIn._rules.ToHashSet(ReferenceEqualityComparer.Instance);
        var others = rules.Where(rule => !own.Contains(rule)).ToArray();
        own.IntersectWith(rules);
        return own.Count == 0 ? new RuleMatcher(others)
            : own.Count == BuiltIn._rules.Length && others.Length == 0 ? BuiltIn
            : new RuleSelection(BuiltIn, own, others.Length == 0 ? null : new RuleMatcher(others));
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        var found = Begin();
        _exact.Find(text.Text, null, checkpoint, found);
        foreach (var (rule, start, length) in found)
        {
            hits.Add(new(_rules[rule], text.RangeOf(start, length)));
        }
    }

    public void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        var found = Begin();
        _loose.Find(text.Text, text, checkpoint, found);
        foreach (var (rule, start, length) in found)
        {
            hits.Add(new(_rules[rule], text.RangeOf(start, length)));
        }
    }

    private static RuleMatcher Load()
    {
        var table = RuleTable.BuiltIn;
        var rules = Array.Empty<Rule>();
        var parts = new (ChainIndex Index, KeywordAutomaton Automaton)[2];
        Parallel.Invoke(() => Read(isLoose: false), () => Read(isLoose: true), () => rules = table.Rules);
        return new(rules, new(rules, parts[0].Index, parts[0].Automaton), new(rules, parts[1].Index, parts[1].Automaton));

        void Read(bool isLoose)
        {
            var index = table.Index(isLoose);
            parts[isLoose ? 1 : 0] = (index, new(index.Keywords));
        }
    }

    /// <summary>The thread's list of matches, empty: what is found in a text is read before the next one.</summary>
    private static List<(int Rule, int Start, int Length)> Begin()
    {
        var found = _found ??= [];
        found.Clear();
        return found;
    }
}
