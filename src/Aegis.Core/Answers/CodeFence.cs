using System.Buffers.Binary;

namespace Aegis.Answers;

/// <summary>Whether a place in Markdown is inside a fenced block of code (CommonMark 0.31, section 4.5), and what stood on its line before.</summary>
internal readonly record struct CodeFence
{
    private const int Least = 3;
    private const int MostBlanks = 3;

    private readonly char _marker;   // of the open fence
    private readonly int _length;
    private readonly int _run;       // markers at the begin of this line
    private readonly char _runMarker;
    private readonly int _blanks;
    private readonly Part _part;

    private CodeFence(char marker, int length, char runMarker, int run, int blanks, Part part) => (_marker, _length, _runMarker, _run, _blanks, _part) = (marker, length, runMarker, run, blanks, part);

    /// <summary>Where it is, as <see cref="FromBytes"/> reads it.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[(2 * sizeof(char)) + (3 * sizeof(int)) + 1];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, _marker);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), _runMarker);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), _length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), _run);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), _blanks);
        bytes[16] = (byte)_part;
        return bytes;
    }

    /// <summary>A place as it was.</summary>
    public static CodeFence FromBytes(ReadOnlySpan<byte> bytes) => new(
        (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
        (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
        (Part)bytes[16]);

    private enum Part
    {
        Indent,
        Markers,
        Behind,   // behind what may be a fence
        Text,
    }

    /// <summary>Whether it is inside.</summary>
    public bool IsOpen => _marker != '\0';

    /// <summary>The place behind a text.</summary>
    public CodeFence Behind(ReadOnlySpan<char> text)
    {
        var place = this;
        while (text.Length > 0)
        {
            if (place._part == Part.Text && text.IndexOfAny('\n', '\r') is var end)
            {
                if (end < 0)
                {
                    return place;
                }

                text = text[end..];
            }

            place = place.Behind(text[0]);
            text = text[1..];
        }

        return place;
    }

    private CodeFence Behind(char c)
    {
        if (c is '\n' or '\r')
        {
            var isFence = _part is Part.Markers or Part.Behind && _run >= Least && (!IsOpen || (_runMarker == _marker && _run >= _length && _part != Part.Text));
            return !isFence ? new(_marker, _length, '\0', 0, 0, Part.Indent)
                : IsOpen ? default
                : new(_runMarker, _run, '\0', 0, 0, Part.Indent);
        }

        return _part switch
        {
            Part.Indent when c == ' ' && _blanks < MostBlanks => new(_marker, _length, '\0', 0, _blanks + 1, Part.Indent),
            Part.Indent when c is '`' or '~' => new(_marker, _length, c, 1, _blanks, Part.Markers),
            Part.Markers when c == _runMarker => new(_marker, _length, c, _run + 1, _blanks, Part.Markers),
            Part.Markers or Part.Behind when _run >= Least && (IsOpen ? char.IsWhiteSpace(c) : c != '`' || _runMarker == '~') => new(_marker, _length, _runMarker, _run, _blanks, Part.Behind),   // what a block is of
            _ => new(_marker, _length, '\0', 0, 0, Part.Text),
        };
    }
}
