namespace Aegis.Integrity;

/// <summary>A key that conversations are signed with. Shows nothing of its secret.</summary>
/// <param name="id">Its name, which stands in every signature.</param>
/// <param name="secret">The secret, 32 bytes at least.</param>
/// <param name="expires">From when on it counts no more; null: it always does.</param>
internal sealed class HistoryKey(string id, byte[] secret, DateTimeOffset? expires)
{
    /// <summary>Bytes of a secret, at least.</summary>
    public const int LeastBytes = 32;

    /// <summary>Characters of an id, at most.</summary>
    public const int LongestId = 64;

    public string Id => id;

    public ReadOnlySpan<byte> Secret => secret;

    /// <summary>Whether it counts at a time.</summary>
    public bool Counts(DateTimeOffset now) => expires is not { } end || now < end;

    /// <summary>Whether a text can be the id of a key: it stands in signatures between dots.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= LongestId && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
