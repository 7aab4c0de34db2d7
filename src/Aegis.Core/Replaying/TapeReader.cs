using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Aegis.Tools;

namespace Aegis.Replaying;

/// <summary>Reads what a <see cref="TapeWriter"/> wrote. Not thread-safe.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="rules">What the policy says of tools.</param>
/// <param name="store">The store in whose place the tape stands.</param>
/// <param name="instance">The account that anonymous runs share here.</param>
internal sealed class TapeReader(ReadOnlyMemory<byte> bytes, ToolRules rules, ISessionStore store, SessionId instance)
{
    private readonly List<object> _shared = [];
    private ReadOnlyMemory<byte> _rest = bytes;

    public ToolRules Rules => rules;

    public ISessionStore Store => store;

    public SessionId Instance => instance;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() switch { 0 => false, 1 => true, _ => throw Malformed() };

    public ulong Fixed() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public double Double() => BitConverter.UInt64BitsToDouble(Fixed());

    public long Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw Malformed();
    }

    /// <summary>How many of something follow: one byte each at least.</summary>
    public int Count() => Number() is >= 0 and var count && count <= _rest.Length ? (int)count : throw Malformed();

    public DateTimeOffset Time() => new((long)Fixed(), TimeSpan.Zero);

    public byte[] Bytes() => Take(Count()).ToArray();

    /// <summary>A name or a text; empty where it was not kept.</summary>
    public string? Text() => Byte() switch
    {
        0 => null,
        1 => Encoding.UTF8.GetString(Take(Count())),
        2 => new(MemoryMarshal.Cast<byte, char>(Take(Count()))),
        3 => Take(Count()).Length > 0 ? "" : throw Malformed(),
        _ => throw Malformed(),
    };

    /// <summary>The same, which is there.</summary>
    public string Name() => Text() ?? throw Malformed();

    public List<string> Names() => All(Name);

    public List<T> All<T>(Func<T> read)
    {
        var count = Count();
        var all = new List<T>(Math.Min(count, 1_024));
        while (all.Count < count)
        {
            all.Add(read());
        }

        return all;
    }

    /// <summary>What a <see cref="TapeWriter.Shared"/> wrote.</summary>
    public T Shared<T>(Func<T> read)
        where T : class
    {
        if (Flag())
        {
            return Number() is >= 0 and var index && index < _shared.Count && _shared[(int)index] is T known ? known : throw Malformed();
        }

        var value = read();
        _shared.Add(value);
        return value;
    }

    /// <exception cref="FormatException">Something follows that nobody wrote.</exception>
    public void End()
    {
        if (!_rest.IsEmpty)
        {
            throw Malformed();
        }
    }

    public T? Optional<T>(Func<T> read)
        where T : class => Flag() ? read() : null;

    public T? OptionalValue<T>(Func<T> read)
        where T : struct => Flag() ? read() : null;

    public static FormatException Malformed() => new("What was kept for a replay is malformed.");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Malformed();
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken.Span;
    }
}
