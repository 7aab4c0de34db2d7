using System.Buffers.Text;
using System.Text;
using Aegis.Auditing;

namespace Aegis.Replaying;

/// <summary>The member <c>replay</c> of a record: <c>KIND.KEY.BASE64</c>. All kinds are proven under the key and bound to their record.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Key">Id of the key.</param>
/// <param name="Bytes">The bytes.</param>
internal sealed record ReplayToken(ReplayTokenKind Kind, string Key, byte[] Bytes)
{
    /// <summary>Bytes that are kept, at most: a line of the log has a length.</summary>
    public const int MaxBytes = 700_000;

    public const string TooLong = "it is too long for a record";

    /// <param name="key">Seals or proves.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="plain">The bytes, <see cref="MaxBytes"/> at most.</param>
    /// <param name="record">The record: see <see cref="RecordOf"/>.</param>
    public static string Of(ContentKey key, ReplayTokenKind kind, byte[] plain, string record)
    {
        var about = AboutOf(kind, record);
        return $"{Name(kind)}.{key.Id}.{Base64Url.EncodeToString(kind == ReplayTokenKind.Sealed ? key.Seal(plain, about) : key.Sign(plain, about))}";
    }

    /// <summary>One that says why there is nothing.</summary>
    public static string Of(ContentKey key, ReplayTokenKind kind, string why, string record) => Of(key, kind, Encoding.UTF8.GetBytes(why), record);

    /// <summary>What tells a record from all others.</summary>
    public static string RecordOf(string decision, string policyHash) => $"{decision} {policyHash}";

    /// <summary>The token that a text is; null: it is none, or of a version that is not known here.</summary>
    public static ReplayToken? Parse(string text)
    {
        if (text.Split('.') is not [var name, var key, var data])
        {
            return null;
        }

        try
        {
            foreach (var kind in Enum.GetValues<ReplayTokenKind>())
            {
                if (string.Equals(Name(kind), name, StringComparison.Ordinal))
                {
                    return new(kind, key, Base64Url.DecodeFromChars(data));
                }
            }

            return null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>What it says; null: it was changed, or taken from another record.</summary>
    public byte[]? Open(ContentKey key, string record) => Kind == ReplayTokenKind.Sealed ? key.Open(Bytes, AboutOf(Kind, record)) : key.Check(Bytes, AboutOf(Kind, record));

    private static byte[] AboutOf(ReplayTokenKind kind, string record) => Encoding.UTF8.GetBytes($"{Name(kind)} {record}");

    private static string Name(ReplayTokenKind kind) => kind switch
    {
        ReplayTokenKind.Sealed => "e1",
        ReplayTokenKind.Hashed => "h1",
        ReplayTokenKind.Never => "n1",
        _ => "f1",
    };
}
