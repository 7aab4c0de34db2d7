using System.Buffers.Text;
using System.Text;
using Aegis.Auditing;

namespace Aegis.Replaying;

/// <summary>
/// The member <c>replay</c> of a record: <c>e1.KEY.BASE64</c>, sealed; <c>h1.KEY.BASE64</c>, readable and proven, without content; or <c>n1.WHY</c>: this one
/// cannot be replayed.
/// </summary>
/// <param name="IsHashed">Whether content was not kept.</param>
/// <param name="Key">Id of the key.</param>
/// <param name="Bytes">The bytes.</param>
/// <param name="Why">Why there is nothing; null: there is something.</param>
internal sealed record ReplayToken(bool IsHashed, string Key, byte[] Bytes, string? Why)
{
    /// <summary>Characters, at most: a line of the log has a length.</summary>
    public const int MaxLength = 1_000_000;

    private const string Encrypted = "e1";
    private const string Hashed = "h1";
    private const string None = "n1";

    /// <summary>What the bytes belong to.</summary>
    public static byte[] AboutOf(string decision, string policyHash) => Encoding.UTF8.GetBytes($"{decision} {policyHash}");

    public static string Missing(string why) => $"{None}.{why}";

    public static string Of(ContentKey key, bool isHashed, byte[] plain, byte[] about)
    {
        if (Base64Url.GetEncodedLength(plain.Length) > MaxLength - 64)
        {
            return Missing("it is too long for a record");
        }

        return isHashed ? $"{Hashed}.{key.Id}.{Base64Url.EncodeToString(key.Sign(plain, about))}" : $"{Encrypted}.{key.Id}.{Base64Url.EncodeToString(key.Seal(plain, about))}";
    }

    /// <summary>The token that a text is; null: it is none, or of a version that is not known here.</summary>
    public static ReplayToken? Parse(string text)
    {
        if (text.StartsWith($"{None}.", StringComparison.Ordinal))
        {
            return new(IsHashed: false, "", [], AuditText.Of(text[(None.Length + 1)..]));
        }

        if (text.Split('.') is not [Encrypted or Hashed, var key, var data])
        {
            return null;
        }

        try
        {
            return new(text.StartsWith(Hashed, StringComparison.Ordinal), key, Base64Url.DecodeFromChars(data), null);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>What it says; null: it was changed, or taken from another record.</summary>
    public byte[]? Open(ContentKey key, byte[] about) => IsHashed ? key.Check(Bytes, about) : key.Open(Bytes, about);
}
