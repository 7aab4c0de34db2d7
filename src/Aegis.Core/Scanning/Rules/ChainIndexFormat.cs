namespace Aegis.Scanning.Rules;

/// <summary>A <see cref="ChainIndex"/> as bytes: numbers as <see cref="BinaryWriter.Write7BitEncodedInt"/> writes them, each keyword as how many of its characters it shares with the one before, and the others; by character, because it may end within a surrogate pair.</summary>
internal static class ChainIndexFormat
{
    public static void Write(BinaryWriter writer, ChainIndex index)
    {
        writer.Write7BitEncodedInt(index.Keywords.Length);
        var before = "";
        for (var keyword = 0; keyword < index.Keywords.Length; keyword++)
        {
            var shared = index.Keywords[keyword].AsSpan().CommonPrefixLength(before);
            before = index.Keywords[keyword];
            writer.Write7BitEncodedInt(shared);
            All(writer, before[shared..].ToCharArray(), c => writer.Write7BitEncodedInt(c));
            writer.Write7BitEncodedInt(index.MarksOf(keyword).Length);
            writer.Write7BitEncodedInt(index.EndsOf(keyword).Length);
            writer.Write7BitEncodedInt(index.RulesOf(keyword).Length);
        }

        All(writer, index.Marks, writer.Write7BitEncodedInt);
        All(writer, index.Ends, end =>
        {
            writer.Write7BitEncodedInt(end.Before);
            writer.Write7BitEncodedInt(end.Group);
            writer.Write7BitEncodedInt(end.Gap);
            writer.Write(end.Edges);
        });
        All(writer, index.Rules, writer.Write7BitEncodedInt);
        CharacterMask[] masks = [.. index.Groups.SelectMany(static group => group).SelectMany(static chain => chain.Links).Select(static link => link.Before).Distinct()];
        var numbers = masks.Index().ToDictionary(static mask => mask.Item, static mask => mask.Index);
        All(writer, masks, mask =>
        {
            writer.Write(mask.Low);
            writer.Write(mask.High);
            writer.Write(mask.Others);
        });
        All(writer, index.Groups, group => All(writer, group, chain =>
        {
            writer.Write7BitEncodedInt(chain.Rule);
            writer.Write7BitEncodedInt(chain.Lead);
            All(writer, chain.Links, link =>
            {
                writer.Write7BitEncodedInt(link.Texts);
                writer.Write7BitEncodedInt(link.Gap);
                writer.Write7BitEncodedInt(numbers[link.Before]);
            });
        }));
        All(writer, index.Reaches, reach =>
        {
            writer.Write7BitEncodedInt(reach.Before);
            writer.Write7BitEncodedInt(reach.Behind);
        });
        All(writer, index.Always, writer.Write7BitEncodedInt);
    }

    public static ChainIndex Read(BinaryReader reader)
    {
        var keywords = new string[reader.Read7BitEncodedInt()];
        var places = new KeywordPlace[keywords.Length + 1];
        for (var keyword = 0; keyword < keywords.Length; keyword++)
        {
            var shared = reader.Read7BitEncodedInt();
            var rest = reader.Read7BitEncodedInt();
            keywords[keyword] = string.Create(shared + rest, (reader, Before: keyword == 0 ? "" : keywords[keyword - 1], shared), static (text, from) =>
            {
                from.Before.AsSpan(0, from.shared).CopyTo(text);
                for (var i = from.shared; i < text.Length; i++)
                {
                    text[i] = (char)from.reader.Read7BitEncodedInt();
                }
            });
            places[keyword] = places[keyword] with { Length = keywords[keyword].Length };
            places[keyword + 1] = new(0, places[keyword].FirstMark + reader.Read7BitEncodedInt(), places[keyword].FirstEnd + reader.Read7BitEncodedInt(), places[keyword].FirstRule + reader.Read7BitEncodedInt());
        }

        var marks = All(reader, static reader => reader.Read7BitEncodedInt());
        var ends = All(reader, static reader => new ChainEnd(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), (short)reader.Read7BitEncodedInt(), reader.ReadByte()));
        var rules = All(reader, static reader => reader.Read7BitEncodedInt());
        var masks = All(reader, static reader => new CharacterMask(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadBoolean()));
        Func<BinaryReader, WindowLink> link = reader => new(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), masks[reader.Read7BitEncodedInt()]);
        Func<BinaryReader, WindowChain> chain = reader => new(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), All(reader, link));
        var groups = All(reader, reader => All(reader, chain));
        var reaches = All(reader, static reader => new RuleReach(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt()));
        return new(keywords, places, marks, ends, rules, groups, reaches, All(reader, static reader => reader.Read7BitEncodedInt()));
    }

    private static void All<T>(BinaryWriter writer, T[] items, Action<T> write)
    {
        writer.Write7BitEncodedInt(items.Length);
        foreach (var item in items)
        {
            write(item);
        }
    }

    private static T[] All<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        var items = new T[reader.Read7BitEncodedInt()];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(reader);
        }

        return items;
    }
}
