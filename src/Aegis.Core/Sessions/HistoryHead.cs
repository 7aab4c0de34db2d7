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
    /// <summary>Conversations of one session that are remembered: side conversations, such as one that makes a title, must not take the place of the main one.</summary>
    public const int Most = 4;

    /// <summary>The heads with this one as the newest.</summary>
    /// <param name="heads">The heads.</param>
    /// <param name="head">The new one.</param>
    /// <param name="beginsTurn">Whether its request begins a turn of the user; else it goes on with one, and a retry begins where that began.</param>
    public static ImmutableArray<HistoryHead> Add(ImmutableArray<HistoryHead> heads, HistoryHead head, bool beginsTurn)
    {
        head = !beginsTurn && heads.FirstOrDefault(other => other.Root == head.Root) is { } before ? head with { AskedCount = before.AskedCount, AskedCode = before.AskedCode } : head;
        var others = heads.RemoveAll(other => other.Root == head.Root);
        return (others.Length < Most ? others : others.RemoveAt(0)).Add(head);
    }
}
