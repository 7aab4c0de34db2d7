using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>Entries as bytes. No text of a tool is in them but names of tools and fields; only the user's and the host's words are there whole.</summary>
internal static class FlowEntryCodec
{
    private const int MaxName = 128;   // a place with a longer name vouches for nothing elsewhere
    private const int Forgotten = 4;
    private const int LostPrivate = 8;

    /// <param name="entry">The entry.</param>
    /// <param name="origin">The log that it belongs to.</param>
    /// <param name="isWhole">Whether places with long names are kept too.</param>
    public static byte[] Write(FlowEntry entry, ulong origin, bool isWhole = false)
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes))
        {
            writer.Write(origin);
            writer.Write((byte)((int)entry.Labels | (entry.IsForgotten ? Forgotten : 0) | (entry.HasLostPrivate ? LostPrivate : 0)));
            Write(writer, entry.User);
            Write(writer, entry.System);
            var fields = isWhole ? entry.Fields : entry.Fields.FindAll(static field => Fits(field.Source.Tool) && Fits(field.Source.Field) && Fits(field.Source.Within));
            var sources = fields.Select(static field => field.Source).Distinct().Select(static (source, index) => KeyValuePair.Create(source, (ushort)index)).ToDictionary();
            writer.Write((ushort)sources.Count);
            foreach (var source in sources.OrderBy(static known => known.Value).Select(static known => known.Key))
            {
                Write(writer, source.Tool);
                Write(writer, source.Field);
                Write(writer, source.Within);
                writer.Write((byte)((source.IsNamed ? 1 : 0) | (source.IsTrusted ? 2 : 0) | (source.IsLabelled ? 4 : 0)));
                Write(writer, source.Effect);
            }

            writer.Write((ushort)fields.Count);
            foreach (var (key, source) in fields)
            {
                writer.Write(key);
                writer.Write(sources[source]);
            }

            writer.Write((ushort)entry.Spans.Count);
            entry.Spans.ForEach(writer.Write);
            var calls = isWhole ? entry.Calls : entry.Calls.FindAll(static call => Fits(call.Tool));
            writer.Write((ushort)calls.Count);
            foreach (var call in calls)
            {
                writer.Write(call.At);
                writer.Write(call.Call);
                Write(writer, call.Tool);
                writer.Write(call.IsNamed);
                Write(writer, call.Effect);
            }
        }

        return bytes.ToArray();
    }

    /// <exception cref="Exception">The bytes are no entry.</exception>
    public static (FlowEntry Entry, ulong Origin) Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false));
        var origin = reader.ReadUInt64();
        var marks = reader.ReadByte();
        var entry = new FlowEntry { Labels = (SessionLabels)(marks & (int)SessionLabels.Both), IsForgotten = (marks & Forgotten) != 0, HasLostPrivate = (marks & LostPrivate) != 0 };
        ReadTexts(reader, entry.User);
        ReadTexts(reader, entry.System);
        var sources = new FieldSource[reader.ReadUInt16()];
        for (var i = 0; i < sources.Length; i++)
        {
            var (tool, field, within, marked) = (ReadText(reader), ReadText(reader), ReadText(reader), reader.ReadByte());
            sources[i] = new(tool, ReadEffect(reader, tool), field, (marked & 1) != 0, (marked & 2) != 0) { Within = within, IsLabelled = (marked & 4) != 0 };
        }

        for (var left = reader.ReadUInt16(); left > 0; left--)
        {
            entry.Fields.Add((reader.ReadUInt64(), sources[reader.ReadUInt16()]));
        }

        for (var left = reader.ReadUInt16(); left > 0; left--)
        {
            entry.Spans.Add(reader.ReadUInt32());
        }

        for (var left = reader.ReadUInt16(); left > 0; left--)
        {
            var (at, call, tool, isNamed) = (reader.ReadInt64(), reader.ReadUInt64(), ReadText(reader), reader.ReadBoolean());
            entry.Calls.Add(new(at, call, tool, ReadEffect(reader, tool), isNamed));
        }

        return reader.BaseStream.Position == bytes.Length ? (entry, origin) : throw new InvalidDataException("The entry goes on.");
    }

    private static bool Fits(string name) => name.Length <= MaxName;

    private static void Write(BinaryWriter writer, List<TrustedText> texts)
    {
        writer.Write((ushort)texts.Count);
        foreach (var text in texts)
        {
            writer.Write(text.At);
            Write(writer, text.Plain);
        }
    }

    private static void ReadTexts(BinaryReader reader, List<TrustedText> texts)
    {
        for (var left = reader.ReadUInt16(); left > 0; left--)
        {
            var at = reader.ReadInt64();
            texts.Add(new(ReadText(reader), at));
        }
    }

    /// <summary>As it is, lone surrogates too.</summary>
    private static void Write(BinaryWriter writer, string text)
    {
        writer.Write((ushort)text.Length);
        foreach (var c in text)
        {
            writer.Write((ushort)c);
        }
    }

    private static string ReadText(BinaryReader reader) => string.Create(reader.ReadUInt16(), reader, static (text, reader) =>
    {
        foreach (ref var c in text)
        {
            c = (char)reader.ReadUInt16();
        }
    });

    /// <summary>What is asked of the effect of a place or a call; the rest is in the tool's name.</summary>
    private static void Write(BinaryWriter writer, ToolEffect effect) =>
        writer.Write((byte)((int)effect.Reach | (effect.IsDirectory ? 4 : 0) | (effect.IsWritten ? 8 : 0) | (effect.IsPrivate ? 16 : 0)));

    private static ToolEffect ReadEffect(BinaryReader reader, string tool)
    {
        var marks = reader.ReadByte();
        return ToolEffectInference.Default.Of(new ToolInfo(tool)) with { Reach = (ToolReach)(marks & 3), IsDirectory = (marks & 4) != 0, IsWritten = (marks & 8) != 0, IsPrivate = (marks & 16) != 0 };
    }
}
