using System.Buffers;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>A rule is tried when one of its keywords stands in the text. Linear: one pass for all keywords, one automaton run per rule that is tried.</summary>
internal sealed class RegexRuleMatcher : IRuleMatcher
{
    private readonly Rule[] _rules;
    private readonly KeywordAutomaton _keywords;
    private readonly int[][] _keywordsOf;

    public RegexRuleMatcher(IEnumerable<Rule> rules)
    {
        _rules = [.. rules];
        var keywords = new Dictionary<string, int>(StringComparer.Ordinal);
        _keywordsOf = Array.ConvertAll(_rules, rule => rule.Keywords.Select(NumberOf).ToArray());
        _keywords = new([.. keywords.Keys]);

        int NumberOf(string keyword) => keywords.TryGetValue(keyword, out var number) ? number : keywords[keyword] = keywords.Count;
    }

    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        var found = ArrayPool<bool>.Shared.Rent(_keywords.Count);
        Array.Clear(found, 0, _keywords.Count);
        _keywords.Mark(text.Text, found.AsSpan(0, _keywords.Count));
        for (var i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].RunsAt(checkpoint) && IsPossible(_keywordsOf[i], found) && _rules[i].Pattern.Find(text.Text) is var (start, length))
            {
                hits.Add(new(_rules[i], text.RangeOf(start, length)));
            }
        }

        ArrayPool<bool>.Shared.Return(found);
    }

    private static bool IsPossible(int[] keywords, bool[] found)
    {
        foreach (var keyword in keywords)
        {
            if (found[keyword])
            {
                return true;
            }
        }

        return keywords.Length == 0;
    }
}
