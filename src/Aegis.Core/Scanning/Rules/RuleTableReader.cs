namespace Aegis.Scanning.Rules;

/// <summary>Reads what <see cref="RuleTableWriter"/> wrote.</summary>
/// <param name="reader">Where from.</param>
/// <param name="texts">The texts, by number.</param>
internal sealed class RuleTableReader(BinaryReader reader, string[] texts)
{
    public IReadOnlyList<RulePack> Packs() => All(() => new RulePack(Text(), All(Rule)));

    private Rule Rule()
    {
        var (id, category, risk, checkpoints) = (Text(), Text(), reader.ReadDouble(), Number());
        var (keywords, owasp, atlas) = (All(Text), All(Text), All(Text));
        var pattern = new Pattern(Text(), Number(), Number(), Text());
        return new(id, category, risk, checkpoints, pattern) { Keywords = keywords, Owasp = owasp, Atlas = atlas };
    }

    private string Text() => texts[Number()];

    private int Number() => reader.Read7BitEncodedInt();

    private T[] All<T>(Func<T> read)
    {
        var items = new T[Number()];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read();
        }

        return items;
    }
}
