namespace Aegis.Scanning.Rules;

/// <summary>
/// Rule packs and all that is read off their patterns together, so that starting reads no pattern: <c>rules.bin</c>, made from the packs
/// (<c>RuleTableTests</c> writes and compares it). Each text stands in it once. Examples are not in it.
/// </summary>
internal sealed class RuleTable
{
    private static readonly Lazy<RuleTable> Own = new(Load);

    private readonly byte[] _exact;
    private readonly byte[] _loose;

    private RuleTable(IReadOnlyList<RulePack> packs, byte[] exact, byte[] loose) => (Packs, _exact, _loose) = (packs, exact, loose);

    /// <summary>The one that Aegis brings.</summary>
    public static RuleTable BuiltIn => Own.Value;

    public IReadOnlyList<RulePack> Packs { get; }

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
        Rule[] rules = [.. packs.SelectMany(static pack => pack.Rules)];
        var (exact, loose) = RuleChains.Indices(rules);
        Write(writer, exact);
        Write(writer, loose);
    }

    public static RuleTable Read(BinaryReader reader)
    {
        var texts = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        var packs = new RuleTableReader(reader, texts).Packs();
        return new(packs, reader.ReadBytes(reader.ReadInt32()), reader.ReadBytes(reader.ReadInt32()));
    }

    /// <summary>Where all rules can match.</summary>
    /// <param name="isLoose">In letters alone.</param>
    public ChainIndex Index(bool isLoose) => ChainIndexFormat.Read(new(new MemoryStream(isLoose ? _loose : _exact)));

    private static void Write(BinaryWriter writer, ChainIndex index)
    {
        using var body = new MemoryStream();
        ChainIndexFormat.Write(new(body), index);
        writer.Write((int)body.Length);
        writer.Write(body.ToArray());
    }

    private static RuleTable Load()
    {
        using var resource = typeof(RuleTable).Assembly.GetManifestResourceStream("rules.bin")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return Read(new(new MemoryStream(bytes)));
    }
}
