using System.Buffers;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>
/// Tries a rule where texts stand near each other that each of its matches has. Linear: one pass for all of these texts, at most one automaton run
/// per rule and character.
/// </summary>
internal sealed class RuleMatcher : IRuleMatcher
{
    private readonly Rule[] _rules;
    private readonly KeywordWindows _exact;
    private readonly KeywordWindows _loose;

    public RuleMatcher(IEnumerable<Rule> rules)
    {
        _rules = [.. rules];
        IReadOnlyList<IReadOnlyList<string>>[] required = [.. _rules.Select(static rule => Required(rule))];
        _exact = new(required, [.. _rules.Select(static rule => rule.Pattern.Span)], triesOthers: true);
        _loose = new([.. required.Select((lists, rule) => _rules[rule].Pattern.HasLoose ? Loose(lists) : [])], [.. _rules.Select(static rule => rule.Pattern.LooseSpan)], triesOthers: false);
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits) =>
        Match(_exact, text.Text, checkpoint, null, (rule, from, to) => _rules[rule].Pattern.Find(text.Text, from, to), text.RangeOf, hits);

    public void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits) =>
        Match(_loose, text.Text, checkpoint, text, (rule, from, to) => _rules[rule].Pattern.FindLoose(text, from, to), text.RangeOf, hits);

    /// <summary>What stands in every match, of each list one: what the pattern itself says, else the rule's keywords.</summary>
    private static IReadOnlyList<IReadOnlyList<string>> Required(Rule rule) => RequiredTexts.Of(rule.Pattern.Root) switch
    {
        { Count: > 0 } lists => lists,
        _ when rule.Keywords.Count > 0 => [rule.Keywords],
        var none => none,
    };

    /// <summary>The lists whose texts are words, for others are odd wherever they stand; if there are none, the first that names letters.</summary>
    private static IReadOnlyList<IReadOnlyList<string>> Loose(IReadOnlyList<IReadOnlyList<string>> lists)
    {
        var words = lists.Where(static list => list.All(static text => text.All(static c => LooseLetters.Of(c) != '\0'))).ToList();
        return [.. (words.Count > 0 ? words : lists.Where(static list => list.All(static text => LooseLetters.Fold(text).Length > 0)).Take(1)).Select(static list => list.Select(LooseLetters.Fold).ToArray())];
    }

    private void Match(KeywordWindows windows, ReadOnlySpan<char> text, Checkpoint checkpoint, LooseText? loose, KeywordWindows.PartFinder find, Func<int, int, TextRange> rangeOf, List<RuleHit> hits)
    {
        var found = ArrayPool<(int Start, int Length)>.Shared.Rent(_rules.Length);
        windows.Find(text, rule => _rules[rule].RunsAt(checkpoint), loose, find, found.AsSpan(0, _rules.Length));
        for (var i = 0; i < _rules.Length; i++)
        {
            if (found[i].Length > 0)
            {
                hits.Add(new(_rules[i], rangeOf(found[i].Start, found[i].Length)));
            }
        }

        ArrayPool<(int Start, int Length)>.Shared.Return(found);
    }
}
