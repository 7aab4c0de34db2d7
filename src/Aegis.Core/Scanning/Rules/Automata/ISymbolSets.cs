namespace Aegis.Scanning.Rules.Automata;

/// <summary>What the symbols of an alphabet are to patterns.</summary>
internal interface ISymbolSets
{
    /// <summary>Whether a set that the patterns name has a symbol.</summary>
    bool Has(int set, int symbol);
}
