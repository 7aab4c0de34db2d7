using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>Some of the rules that Aegis brings, then those of an app: the large tables of the former are there once, however many policies leave some out.</summary>
/// <param name="all">The matcher of all of the former.</param>
/// <param name="selected">Those that count.</param>
/// <param name="others">The matcher of the latter; null: there are none.</param>
internal sealed class RuleSelection(IRuleMatcher all, IReadOnlySet<object?> selected, IRuleMatcher? others) : IRuleMatcher
{
    public void Match(CanonicalText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        var before = hits.Count;
        all.Match(text, checkpoint, hits);
        Select(hits, before);
        others?.Match(text, checkpoint, hits);
    }

    public void Match(LooseText text, Checkpoint checkpoint, List<RuleHit> hits)
    {
        var before = hits.Count;
        all.Match(text, checkpoint, hits);
        Select(hits, before);
        others?.Match(text, checkpoint, hits);
    }

    private void Select(List<RuleHit> hits, int from)
    {
        for (var i = hits.Count - 1; i >= from; i--)
        {
            if (!selected.Contains(hits[i].Rule))
            {
                hits.RemoveAt(i);
            }
        }
    }
}
