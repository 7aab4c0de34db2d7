using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Aegis.Auditing;

namespace Aegis.Replaying;

/// <summary>Bytes of a tape. Not thread-safe.</summary>
/// <param name="key">Hashes what is not kept; null: everything is kept.</param>
/// <param name="room">Bytes, at most; with the next one comes a <see cref="TapeFullException"/>.</param>
internal sealed class TapeWriter(ContentKey? key, int room = int.MaxValue) : IDisposable
{
    private readonly MemoryStream _bytes = new();
    private readonly Dictionary<object, int> _shared = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether texts are left out.</summary>
    public bool IsHashed => key is not null;

    public byte[] ToArray() => _bytes.ToArray();

    public void Dispose() => _bytes.Dispose();

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes.WriteByte(value);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Fixed(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Reserve(bytes.Length);
        _bytes.Write(bytes);
    }

    public void Fixed(long value) => Fixed((ulong)value);

    /// <summary>All its bits.</summary>
    public void Fixed(double value) => Fixed(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A number that is mostly small; any can be written.</summary>
    public void Number(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest > 0x7F; rest >>= 7)
        {
            Byte((byte)(rest | 0x80));
        }

        Byte((byte)rest);
    }

    public void Time(DateTimeOffset value) => Fixed(value.UtcTicks);

    /// <summary>A hash of content, under the key where content is not kept: the same ones stay the same.</summary>
    public void Hash(ulong value) => Fixed(value == 0 || key is null ? value : key.Mask(value));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Reserve(value.Length);
        _bytes.Write(value);
    }

    /// <summary>A name or a number in words; what is no text of users or models.</summary>
    public void Name(string? value)
    {
        if (value is null)
        {
            Byte(0);
            return;
        }

        Reserve(value.Length);   // before the text is copied: a character is a byte at least
        if (IsWhole(value))
        {
            Byte(1);
            Bytes(Encoding.UTF8.GetBytes(value));
        }
        else
        {
            Byte(2);
            Bytes(MemoryMarshal.AsBytes(value.AsSpan()));   // halves of characters too
        }
    }

    /// <summary>A text of users or models; where it is not kept, its hash.</summary>
    public void Text(string? value)
    {
        if (key is null || value is null)
        {
            Name(value);
            return;
        }

        Byte(3);
        Bytes(key.Hash(value));
    }

    public void Names(IReadOnlyCollection<string> values) => All(values, Name);

    public void All<T>(IReadOnlyCollection<T> values, Action<T> write)
    {
        Number(values.Count);
        foreach (var value in values)
        {
            write(value);
        }
    }

    /// <summary>Something that may be there more than once: the same object is written once.</summary>
    public void Shared<T>(T value, Action<T> write)
        where T : class
    {
        var isKnown = _shared.TryGetValue(value, out var index);
        Flag(isKnown);
        if (isKnown)
        {
            Number(index);
            return;
        }

        write(value);
        _shared[value] = _shared.Count;
    }

    public void Optional<T>(T? value, Action<T> write)
        where T : class
    {
        Flag(value is not null);
        if (value is not null)
        {
            write(value);
        }
    }

    public void Optional<T>(T? value, Action<T> write)
        where T : struct
    {
        Flag(value is not null);
        if (value is { } some)
        {
            write(some);
        }
    }

    public CallTrail? Masked(CallTrail? trail)
    {
        var nodes = new Stack<CallTrail>();
        for (var node = trail; node is not null; node = node.Previous)
        {
            nodes.Push(node);
        }

        CallTrail? masked = null;
        foreach (var node in nodes)
        {
            masked = new(key!.Mask(node.Call), node.Result == 0 ? 0 : key.Mask(node.Result), masked, node.Length);
        }

        return masked;
    }

    private void Reserve(int bytes)
    {
        if (bytes > room - _bytes.Length)
        {
            throw new TapeFullException();
        }
    }

    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
