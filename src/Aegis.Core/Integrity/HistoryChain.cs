using System.Security.Cryptography;
using System.Text;

namespace Aegis.Integrity;

/// <summary>
/// The rolling hash over a conversation: it begins with the session, and each message makes a new link of the one before and of its own digest. A link
/// therefore says everything that was said up to it, in its order, and to whom.
/// </summary>
internal sealed class HistoryChain
{
    private static readonly byte[] Start = Encoding.ASCII.GetBytes("aegis.history.start.1");
    private static readonly byte[] Next = Encoding.ASCII.GetBytes("aegis.history.link.1");

    private readonly List<HistoryLink> _links;

    /// <summary>A conversation in which nothing was said.</summary>
    /// <param name="session">The name of its session; empty: nobody says which it is.</param>
    public HistoryChain(string session)
    {
        Session = session;
        _links = [new(SHA256.HashData([.. Start, .. Encoding.UTF8.GetBytes(session)]))];
    }

    private HistoryChain(HistoryChain other) => (Session, _links) = (other.Session, [.. other._links]);

    public string Session { get; }

    /// <summary>Messages.</summary>
    public int Count => _links.Count - 1;

    /// <summary>The link behind the last message.</summary>
    public HistoryLink Head => _links[^1];

    /// <summary>The link behind so many messages.</summary>
    public HistoryLink At(int count) => _links[count];

    /// <summary>Adds a message.</summary>
    /// <param name="digest">The SHA-256 of all of it.</param>
    public void Add(ReadOnlySpan<byte> digest)
    {
        Span<byte> both = stackalloc byte[2 * SHA256.HashSizeInBytes];
        Head.CopyTo(both);
        digest.CopyTo(both[SHA256.HashSizeInBytes..]);
        _links.Add(new(SHA256.HashData([.. Next, .. both])));
    }

    public HistoryChain Clone() => new(this);
}
