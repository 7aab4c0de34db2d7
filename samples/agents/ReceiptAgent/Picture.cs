using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ReceiptAgent;

/// <summary>Draws lines of capitals and figures as a PNG.</summary>
internal static class Picture
{
    private const int Scale = 3;
    private const int Rows = 7;   // of a letter, five dots each: a bit for a dot, the leftmost the highest

    private static readonly Dictionary<char, byte[]> Letters = new()
    {
        ['A'] = [14, 17, 17, 31, 17, 17, 17],
        ['B'] = [30, 17, 17, 30, 17, 17, 30],
        ['C'] = [14, 17, 16, 16, 16, 17, 14],
        ['D'] = [30, 17, 17, 17, 17, 17, 30],
        ['E'] = [31, 16, 16, 30, 16, 16, 31],
        ['F'] = [31, 16, 16, 30, 16, 16, 16],
        ['G'] = [14, 17, 16, 23, 17, 17, 14],
        ['H'] = [17, 17, 17, 31, 17, 17, 17],
        ['I'] = [14, 4, 4, 4, 4, 4, 14],
        ['J'] = [7, 2, 2, 2, 2, 18, 12],
        ['K'] = [17, 18, 20, 24, 20, 18, 17],
        ['L'] = [16, 16, 16, 16, 16, 16, 31],
        ['M'] = [17, 27, 21, 21, 17, 17, 17],
        ['N'] = [17, 25, 21, 19, 17, 17, 17],
        ['O'] = [14, 17, 17, 17, 17, 17, 14],
        ['P'] = [30, 17, 17, 30, 16, 16, 16],
        ['Q'] = [14, 17, 17, 17, 21, 18, 13],
        ['R'] = [30, 17, 17, 30, 20, 18, 17],
        ['S'] = [15, 16, 16, 14, 1, 1, 30],
        ['T'] = [31, 4, 4, 4, 4, 4, 4],
        ['U'] = [17, 17, 17, 17, 17, 17, 14],
        ['V'] = [17, 17, 17, 17, 17, 10, 4],
        ['W'] = [17, 17, 17, 21, 21, 27, 17],
        ['X'] = [17, 17, 10, 4, 10, 17, 17],
        ['Y'] = [17, 17, 10, 4, 4, 4, 4],
        ['Z'] = [31, 1, 2, 4, 8, 16, 31],
        ['0'] = [14, 17, 19, 21, 25, 17, 14],
        ['1'] = [4, 12, 4, 4, 4, 4, 14],
        ['2'] = [14, 17, 1, 6, 8, 16, 31],
        ['3'] = [30, 1, 1, 14, 1, 1, 30],
        ['4'] = [2, 6, 10, 18, 31, 2, 2],
        ['5'] = [31, 16, 30, 1, 1, 17, 14],
        ['6'] = [14, 16, 16, 30, 17, 17, 14],
        ['7'] = [31, 1, 2, 4, 8, 8, 8],
        ['8'] = [14, 17, 17, 14, 17, 17, 14],
        ['9'] = [14, 17, 17, 15, 1, 1, 14],
        ['.'] = [0, 0, 0, 0, 0, 12, 12],
        [' '] = [0, 0, 0, 0, 0, 0, 0],
    };

    /// <param name="lines">What is written in it.</param>
    /// <param name="comment">What hangs on it.</param>
    public static byte[] Of(string[] lines, string? comment = null)
    {
        var (width, height) = (Scale * ((6 * lines.Max(static line => line.Length)) + 4), Scale * ((12 * lines.Length) + 6));
        var dots = new byte[height * (width + 1)];   // a row begins with its filter: none
        for (var i = 0; i < dots.Length; i++)
        {
            dots[i] = (byte)(i % (width + 1) == 0 ? 0 : 255);
        }

        for (var (line, column) = (0, 0); line < lines.Length; (line, column) = column + 1 < lines[line].Length ? (line, column + 1) : (line + 1, 0))
        {
            var letter = Letters[lines[line][column]];
            for (var dot = 0; dot < Rows * 5; dot++)
            {
                for (var part = 0; (letter[dot / 5] >> (4 - (dot % 5)) & 1) == 1 && part < Scale; part++)
                {
                    var row = (Scale * ((12 * line) + 4 + (dot / 5))) + part;
                    dots.AsSpan((row * (width + 1)) + 1 + (Scale * ((6 * column) + 3 + (dot % 5))), Scale).Clear();
                }
            }
        }

        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        head[8] = 8;   // bits a dot, grey
        Write(png, "IHDR", head);
        if (comment is not null)
        {
            Write(png, "tEXt", [.. "Comment\0"u8, .. Encoding.Latin1.GetBytes(comment)]);
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(dots);
        }

        Write(png, "IDAT", packed.ToArray());
        Write(png, "IEND", []);
        return png.ToArray();
    }

    private static void Write(MemoryStream png, string type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        byte[] chunk = [.. Encoding.ASCII.GetBytes(type), .. data];
        png.Write(chunk);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(chunk));
        png.Write(number);
    }

    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
