using Aegis.Tools;

namespace Aegis.Policies;

/// <summary>What tokens cost, in millionths of the table's currency.</summary>
internal sealed class PriceTable(IReadOnlyDictionary<string, ModelPrice> prices)
{
    private readonly (Glob Glob, ModelPrice Price)[] _byModel =
        [.. prices.Select(static entry => (Glob: new Glob(entry.Key), entry.Value)).OrderByDescending(static entry => entry.Glob.IsExact).ThenByDescending(static entry => entry.Glob.Literals).ThenByDescending(static entry => entry.Value.Input + entry.Value.Output).ThenBy(static entry => entry.Glob.Text, StringComparer.Ordinal)];   // of equals the dearer

    private readonly ModelPrice _dearest = new(prices.Values.Select(static price => price.Input).DefaultIfEmpty().Max(), prices.Values.Select(static price => price.Output).DefaultIfEmpty().Max());

    /// <summary>Rounded up. A model that no glob names costs as much as the dearest.</summary>
    public long MicrosOf(TokenUsage usage)
    {
        var price = usage.Model is { } model && ToolName.IsWellFormed(model) && Array.Find(_byModel, entry => entry.Glob.MatchesPlain(ToolName.Of(model))) is { Price: { } known } ? known : _dearest;
        return (long)Math.Ceiling((usage.Input * price.Input) + (usage.Output * price.Output));
    }
}
