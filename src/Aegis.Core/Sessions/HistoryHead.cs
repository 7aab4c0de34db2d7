using System.Collections.Immutable;

namespace Aegis;

/// <summary>Where a signed conversation of a session has got to: what comes back and does not pass there is older, or another one. It vouches for nothing without the key that made its codes.</summary>
/// <param name="Root">Which conversation: of its first message.</param>
/// <param name="Count">Messages up to the last answer.</param>
/// <param name="Code">The first half of its signature.</param>
/// <param name="AskedCount">Messages of the request with which the last turn began.</param>
/// <param name="AskedCode">The first half of what a signature of it would be.</param>
internal sealed record HistoryHead(ulong Root, int Count, UInt128 Code, int AskedCount, UInt128 AskedCode)
{
    /// <summary>Conversations of one session that are remembered, the first ones: those that come later, such as one that makes a title, cannot take the place of the main one.</summary>
    public const int Most = 4;

    /// <summary>The heads with this one.</summary>
    /// <param name="heads">The heads.</param>
    /// <param name="head">The new one.</param>
    /// <param name="beginsTurn">Whether its request begins a turn of the user; else it goes on with one, and a retry begins where that began.</param>
    public static ImmutableArray<HistoryHead> Add(ImmutableArray<HistoryHead> heads, HistoryHead head, bool beginsTurn)
    {
        for (var i = 0; i < heads.Length; i++)
        {
            if (heads[i].Root == head.Root)
            {
                return heads.SetItem(i, beginsTurn ? head : head with { AskedCount = heads[i].AskedCount, AskedCode = heads[i].AskedCode });
            }
        }

        return heads.Length < Most ? heads.Add(head) : heads;
    }
}
