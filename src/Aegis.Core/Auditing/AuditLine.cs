using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Aegis.Auditing;

/// <summary>A line of a log: its number, its key, the bytes that its code covers, and the code. <c>{"seq":1,"key":"k1","time":…,"mac":"…"}</c>.</summary>
internal readonly ref struct AuditLine
{
    /// <summary>Bytes of a line, at most.</summary>
    public const int MaxLength = 1 << 20;

    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);

    private const int Digits = 18;
    private const int SuffixLength = 74;   // ,"mac":"64 digits"}

    private AuditLine(long sequence, string? key, ReadOnlySpan<byte> body, byte[] code)
    {
        Sequence = sequence;
        Key = key;
        Body = body;
        Code = code;
    }

    public static ReadOnlySpan<byte> Begin => "{\"seq\":"u8;

    public static ReadOnlySpan<byte> Mac => ",\"mac\":\""u8;

    /// <summary>In place of <see cref="Mac"/> where there is no key.</summary>
    public static ReadOnlySpan<byte> Sum => ",\"sum\":\""u8;

    public static ReadOnlySpan<byte> End => "\"}"u8;

    public long Sequence { get; }

    /// <summary>Id of the key; null: it is signed with none.</summary>
    public string? Key { get; }

    public ReadOnlySpan<byte> Body { get; }

    public byte[] Code { get; }

    /// <summary>Takes a line apart, without its end; false: it is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out AuditLine parsed)
    {
        parsed = default;
        if (line.Length < SuffixLength + Begin.Length || !line.StartsWith(Begin) || !line.EndsWith(End))
        {
            return false;
        }

        var body = line[..^SuffixLength];
        var suffix = line[^SuffixLength..];
        var rest = body[Begin.Length..];
        if (!Utf8Parser.TryParse(rest, out long sequence, out var used) || used > Digits || rest[0] is < (byte)'1' or > (byte)'9')
        {
            return false;
        }

        rest = rest[used..];
        string? key = null;
        var named = ",\"key\":\""u8;
        if (rest.StartsWith(named))
        {
            rest = rest[named.Length..];
            var end = rest.IndexOf((byte)'"');
            if (end < 1)
            {
                return false;
            }

            key = Encoding.ASCII.GetString(rest[..end]);
            rest = rest[(end + 1)..];
        }

        var code = new byte[AuditChain.Size];
        if (!rest.StartsWith(",\"time\":\""u8) || !suffix.StartsWith(key is null ? Sum : Mac) || !TryReadHex(suffix[Mac.Length..^End.Length], code))
        {
            return false;
        }

        parsed = new(sequence, key, body, code);
        return true;
    }

    /// <summary>Digits in one way only: a code that is written otherwise is a change.</summary>
    private static bool TryReadHex(ReadOnlySpan<byte> digits, Span<byte> code) =>
        !digits.ContainsAnyExcept(Hex) && Convert.FromHexString(digits, code, out _, out var written) == OperationStatus.Done && written == AuditChain.Size;
}
