using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Aegis.Integrity;

/// <summary>
/// Writes values so that no two rows of them are the same bytes, and gives the SHA-256 of it: each behind the tag of its type, texts and bytes behind
/// their length, lists and objects behind their number of items. Not thread-safe.
/// </summary>
/// <remarks>Half a surrogate pair is written as what everybody sends in its place, U+FFFD.</remarks>
internal sealed class CanonicalWriter : IDisposable
{
    private const int MaxDepth = 128;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[1_024];
    private int _length;

    private enum Tag : byte
    {
        Nothing = 1,
        False,
        True,
        Text,
        Bytes,
        Number,
        Decimal,
        List,
        Object,
        Part,
        End,
    }

    /// <summary>A text, or nothing.</summary>
    public CanonicalWriter Text(string? text)
    {
        if (text is null)
        {
            return Add(Tag.Nothing);
        }

        var size = Encoding.UTF8.GetByteCount(text);
        Add(Tag.Text).Length(size);
        Encoding.UTF8.GetBytes(text, Room(size));
        return this;
    }

    /// <summary>Bytes.</summary>
    public CanonicalWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        Add(Tag.Bytes).Length(bytes.Length);
        if (bytes.Length > _buffer.Length)
        {
            Flush();
            _hash.AppendData(bytes);
            return this;
        }

        bytes.CopyTo(Room(bytes.Length));
        return this;
    }

    /// <summary>A whole number.</summary>
    public CanonicalWriter Number(long number)
    {
        Add(Tag.Number);
        BinaryPrimitives.WriteInt64BigEndian(Room(sizeof(long)), number);
        return this;
    }

    /// <summary>Whether something is so.</summary>
    public CanonicalWriter Flag(bool flag) => Add(flag ? Tag.True : Tag.False);

    /// <summary>What follows is a part of this kind.</summary>
    public CanonicalWriter Part(string kind) => Add(Tag.Part).Text(kind);

    /// <summary>The parts end here.</summary>
    public CanonicalWriter End() => Add(Tag.End);

    /// <summary>A JSON value. What says the same is written the same: the order of members, the way a number or a character is written, and spaces do not count.</summary>
    /// <exception cref="FormatException">A member stands there twice, it is too deep, or a text in it is none.</exception>
    public CanonicalWriter Json(JsonElement value) => Json(value, [], 0);

    /// <summary>The same, without some members of the outermost object.</summary>
    /// <inheritdoc cref="Json(JsonElement)"/>
    public CanonicalWriter Json(JsonElement value, ReadOnlySpan<string> without) => Json(value, without, 0);

    /// <summary>The SHA-256 of all that was written; the writer is as new.</summary>
    public byte[] Sum()
    {
        Flush();
        return _hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();

    private CanonicalWriter Json(JsonElement value, ReadOnlySpan<string> without, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("too deep");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return Add(Tag.Nothing);
            case JsonValueKind.True or JsonValueKind.False:
                return Flag(value.ValueKind is JsonValueKind.True);
            case JsonValueKind.String:
                return Text(value.GetString());
            case JsonValueKind.Number:
                Add(Tag.Decimal);
                return Text(CanonicalNumber.Of(value.GetRawText()));
            case JsonValueKind.Array:
                Add(Tag.List).Length(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                {
                    Json(item, [], depth + 1);
                }

                return this;
            case JsonValueKind.Object:
                var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
                foreach (var member in value.EnumerateObject())
                {
                    if (without.Contains(member.Name))
                    {
                        continue;
                    }

                    if (!members.TryAdd(member.Name, member.Value))
                    {
                        throw new FormatException("a member twice");   // two readers may read two values
                    }
                }

                Add(Tag.Object).Length(members.Count);
                foreach (var (name, member) in members)
                {
                    Text(name).Json(member, [], depth + 1);
                }

                return this;
            default:
                throw new FormatException("no value");
        }
    }

    private CanonicalWriter Add(Tag tag)
    {
        Room(1)[0] = (byte)tag;
        return this;
    }

    private void Length(int length) => BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), length);

    private Span<byte> Room(int length)
    {
        if (_buffer.Length - _length < length)
        {
            Flush();
            if (_buffer.Length < length)
            {
                _buffer = new byte[length];
            }
        }

        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _length);
        _length = 0;
    }
}
