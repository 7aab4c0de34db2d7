namespace Aegis.Scanning.Rules;

/// <summary>Writes packs, texts by their numbers.</summary>
/// <param name="writer">Where to.</param>
internal sealed class RuleTableWriter(BinaryWriter writer)
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];

    /// <summary>The texts, by number.</summary>
    public IReadOnlyList<string> Texts => _texts;

    public void Packs(IReadOnlyList<RulePack> packs) => All(packs, pack =>
    {
        Text(pack.Name);
        All(pack.Rules, Rule);
    });

    private void Rule(Rule rule)
    {
        Text(rule.Id);
        Text(rule.Category);
        writer.Write(rule.Risk);
        Number(rule.Checkpoints);
        All(rule.Keywords, Text);
        All(rule.Owasp, Text);
        All(rule.Atlas, Text);
        Text(rule.Pattern.Source);
        Number(rule.Pattern.Span);
        Number(rule.Pattern.Letters);
        Text(rule.Pattern.Signs);
    }

    private void Text(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            _numbers.Add(text, number = _texts.Count);
            _texts.Add(text);
        }

        Number(number);
    }

    private void Number(int number) => writer.Write7BitEncodedInt(number);

    private void All<T>(IReadOnlyList<T> items, Action<T> write)
    {
        Number(items.Count);
        foreach (var item in items)
        {
            write(item);
        }
    }
}
