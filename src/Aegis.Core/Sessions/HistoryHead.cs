using System.Collections.Immutable;

namespace Aegis;

/// <summary>Where a signed conversation of a session has got to: what comes back and does not pass there is older, or another one. It vouches for nothing without the key that made its codes.</summary>
/// <param name="Root">Which conversation: of its first message.</param>
/// <param name="Count">Messages that must come back: up to the last answer, or up to the last request where its answer did not leave whole.</param>
/// <param name="Code">The first half of what a signature of them is.</param>
/// <param name="AskedCount">Messages of the request with which the last turn began.</param>
/// <param name="AskedCode">The first half of what a signature of it would be.</param>
internal sealed record HistoryHead(ulong Root, int Count, UInt128 Code, int AskedCount, UInt128 AskedCode)
{
    /// <summary>Conversations of one session that are remembered, the first ones: those that come later, such as one that makes a title, cannot take the place of the main one.</summary>
    public const int Most = 4;

    /// <summary>The heads with this one, whatever stood there: the host says so.</summary>
    public static ImmutableArray<HistoryHead> Set(ImmutableArray<HistoryHead> heads, HistoryHead head) => Put(heads, IndexOf(heads, head.Root), head);

    /// <summary>The heads with one moved on, if it still is where the request has seen it: an answer that ends late does not set back what has gone on meanwhile.</summary>
    /// <param name="heads">The heads.</param>
    /// <param name="seen">What stood there when the request was verified; null: nothing.</param>
    /// <param name="head">The new one.</param>
    /// <param name="beginsTurn">Whether its request begins a turn of the user; else it goes on with one, and a retry begins where that began.</param>
    public static ImmutableArray<HistoryHead> Move(ImmutableArray<HistoryHead> heads, HistoryHead? seen, HistoryHead head, bool beginsTurn)
    {
        var at = IndexOf(heads, head.Root);
        var current = at < 0 ? null : heads[at];
        var isRetry = beginsTurn && current is not null && current.AskedCount == head.AskedCount && current.AskedCode == head.AskedCode;
        var beginsAnew = current is not null && head.Count < current.Count && head.Count == head.AskedCount;   // its first message again, whose answer did not leave whole
        return (current != seen || beginsAnew) && !isRetry ? heads
            : Put(heads, at, beginsTurn || current is null ? head : head with { AskedCount = current.AskedCount, AskedCode = current.AskedCode });
    }

    private static int IndexOf(ImmutableArray<HistoryHead> heads, ulong root)
    {
        for (var i = 0; i < heads.Length; i++)
        {
            if (heads[i].Root == root)
            {
                return i;
            }
        }

        return -1;
    }

    private static ImmutableArray<HistoryHead> Put(ImmutableArray<HistoryHead> heads, int at, HistoryHead head) =>
        at >= 0 ? heads.SetItem(at, head) : heads.Length < Most ? heads.Add(head) : heads;
}
