using System.Runtime.InteropServices;
using System.Text;

namespace Aegis.Fuzzing;

/// <summary>
/// An input, read from its start: bytes that decide something, and a text as the rest. The very first byte says how the text is written: UTF-8 where it has
/// the bit 8, as the digit <c>8</c>, else UTF-16 as it comes, as with <c>6</c>, so that halves of pairs are texts too. What is behind the end is 0.
/// </summary>
internal sealed class FuzzInput
{
    private readonly byte[] _bytes;
    private readonly bool _isUtf8;
    private int _at;

    public FuzzInput(byte[] bytes)
    {
        _bytes = bytes;
        _isUtf8 = (Next() & 8) != 0;
    }

    public byte Next() => _at < _bytes.Length ? _bytes[_at++] : (byte)0;

    /// <summary>All that has not been read yet.</summary>
    public string Text()
    {
        var rest = _bytes.AsSpan(Math.Min(_at, _bytes.Length));
        _at = _bytes.Length;
        return _isUtf8 ? Encoding.UTF8.GetString(rest) : new(MemoryMarshal.Cast<byte, char>(rest));
    }
}
