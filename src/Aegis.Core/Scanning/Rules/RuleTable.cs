namespace Aegis.Scanning.Rules;

/// <summary>
/// Rule packs with all that is read off their patterns, so that starting reads no pattern: <c>rules.bin</c>, made from the packs
/// (<c>RuleTableTests</c> writes and compares it). Each text stands in it once. Examples are not in it.
/// </summary>
internal static class RuleTable
{
    public static void Write(BinaryWriter writer, IReadOnlyList<RulePack> packs)
    {
        using var body = new MemoryStream();
        var table = new RuleTableWriter(new(body));
        table.Packs(packs);
        writer.Write7BitEncodedInt(table.Texts.Count);
        foreach (var text in table.Texts)
        {
            writer.Write(text);
        }

        writer.Write(body.ToArray());
    }

    public static IReadOnlyList<RulePack> Read(BinaryReader reader)
    {
        var texts = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        return new RuleTableReader(reader, texts).Packs();
    }
}
