namespace Aegis.Scanning.Rules;

/// <summary>
/// Rule packs and all that is read off their patterns together, so that starting reads no pattern: <c>rules.bin</c>, made from the packs
/// (<c>RuleTableTests</c> writes and compares it). In the part of the packs each text stands once. Examples are not in it.
/// </summary>
internal sealed class RuleTable
{
    private static readonly Lazy<RuleTable> Own = new(Load);

    private readonly byte[] _bytes;
    private readonly int[] _ends = new int[3];   // of packs, and of where rules can match in texts as they are and in letters alone
    private readonly int _first;
    private readonly Lazy<IReadOnlyList<RulePack>> _packs;
    private readonly Lazy<Rule[]> _rules;

    private RuleTable(byte[] bytes)
    {
        _bytes = bytes;
        using var reader = new BinaryReader(new MemoryStream(bytes));
        _first = _ends.Length * sizeof(int);
        for (var (part, end) = (0, _first); part < _ends.Length; part++)
        {
            _ends[part] = end += reader.ReadInt32();
        }

        _packs = new(ReadPacks);
        _rules = new(() => [.. Packs.SelectMany(static pack => pack.Rules)]);
    }

    /// <summary>The one that Aegis brings.</summary>
    public static RuleTable BuiltIn => Own.Value;

    public IReadOnlyList<RulePack> Packs => _packs.Value;

    /// <summary>The rules of all packs.</summary>
    public Rule[] Rules => _rules.Value;

    public static void Write(BinaryWriter writer, IReadOnlyList<RulePack> packs)
    {
        var (exact, loose) = RuleChains.Indices([.. packs.SelectMany(static pack => pack.Rules)]);
        byte[][] parts = [Bytes(writer => WritePacks(writer, packs)), Bytes(writer => ChainIndexFormat.Write(writer, exact)), Bytes(writer => ChainIndexFormat.Write(writer, loose))];
        foreach (var part in parts)
        {
            writer.Write(part.Length);
        }

        foreach (var part in parts)
        {
            writer.Write(part);
        }
    }

    /// <summary>Where all rules can match: read anew each time, and needs no rule.</summary>
    /// <param name="isLoose">In letters alone.</param>
    public ChainIndex Index(bool isLoose)
    {
        using var reader = Part(isLoose ? 2 : 1);
        return ChainIndexFormat.Read(reader);
    }

    private static void WritePacks(BinaryWriter writer, IReadOnlyList<RulePack> packs)
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

    private static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        write(writer);
        return bytes.ToArray();
    }

    private static RuleTable Load()
    {
        using var resource = typeof(RuleTable).Assembly.GetManifestResourceStream("rules.bin")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return new(bytes);
    }

    private BinaryReader Part(int part)
    {
        var start = part == 0 ? _first : _ends[part - 1];
        return new(new MemoryStream(_bytes, start, _ends[part] - start));
    }

    private IReadOnlyList<RulePack> ReadPacks()
    {
        using var reader = Part(0);
        var texts = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        return new RuleTableReader(reader, texts).Packs();
    }
}
