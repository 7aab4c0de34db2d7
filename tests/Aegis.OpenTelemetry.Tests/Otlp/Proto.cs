using System.Buffers.Binary;
using System.Text;

namespace Aegis.OpenTelemetry.Tests.Otlp;

/// <summary>A message of protocol buffers by the numbers of its fields, read by hand: nothing of the sender's code is asked.</summary>
internal sealed class Proto
{
    private readonly Dictionary<int, List<object>> _fields = [];

    public Proto(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var tag = Varint(bytes, ref at);
            var field = (int)(tag >> 3);
            if (!_fields.TryGetValue(field, out var values))
            {
                _fields[field] = values = [];
            }

            values.Add((tag & 7) switch
            {
                0 => Varint(bytes, ref at),
                1 => BinaryPrimitives.ReadUInt64LittleEndian(Take(bytes, ref at, 8)),
                2 => Take(bytes, ref at, (int)Varint(bytes, ref at)),
                5 => (object)(ulong)BinaryPrimitives.ReadUInt32LittleEndian(Take(bytes, ref at, 4)),
                var other => throw new InvalidDataException($"wire type {other}"),
            });
        }
    }

    private static byte[] Take(byte[] bytes, ref int at, int count)
    {
        at += count;
        return bytes[(at - count)..at];
    }

    private static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    public bool Has(int field) => _fields.ContainsKey(field);

    public IEnumerable<Proto> All(int field) => _fields.TryGetValue(field, out var values) ? values.Select(static value => new Proto((byte[])value)) : [];

    public Proto? One(int field) => All(field).SingleOrDefault();

    public string Text(int field) => _fields.TryGetValue(field, out var values) ? Encoding.UTF8.GetString((byte[])values[^1]) : "";

    public string Hex(int field) => _fields.TryGetValue(field, out var values) ? Convert.ToHexStringLower((byte[])values[^1]) : "";

    public ulong Number(int field) => _fields.TryGetValue(field, out var values) ? (ulong)values[^1] : 0;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    /// <summary>Attributes, which are the same everywhere in OTLP.</summary>
    public IReadOnlyDictionary<string, object?> Attributes(int field) => All(field).ToDictionary(static pair => pair.Text(1), static pair => Any(pair.One(2)), StringComparer.Ordinal);

    public static object? Any(Proto? value) => value switch
    {
        null => null,
        _ when value.Has(1) => value.Text(1),
        _ when value.Has(2) => value.Number(2) != 0,
        _ when value.Has(3) => (long)value.Number(3),
        _ when value.Has(4) => value.Double(4),
        _ when value.Has(5) => value.One(5)!.All(1).Select(static item => item.Text(1)).ToArray(),
        _ => null,
    };
}
