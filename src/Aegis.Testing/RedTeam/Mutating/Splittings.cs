namespace Aegis.Testing.RedTeaming;

/// <summary>The order in pieces: over fields of a result, over turns of a chat, over lines and names.</summary>
internal static class Splittings
{
    public static IReadOnlyList<Mutator> All { get; } =
    [
        Mutator.OfText("two-parts", MutatorKind.Splitting, static (text, _) => Split(text, 2)),
        Mutator.OfText("four-parts", MutatorKind.Splitting, static (text, _) => Split(text, 4)),
        Mutator.OfText("word-parts", MutatorKind.Splitting, static (text, _) => Split(text, 16)),
        Mutator.OfOrder("lines", MutatorKind.Splitting, static (text, _) => text.Replace(' ', '\n')),
        Mutator.OfOrder("list", MutatorKind.Splitting, static (text, _) => string.Concat(text.Split(' ').Select(static word => $"\n- {word}"))),
        Mutator.OfOrder("named-pieces", MutatorKind.Splitting, static (text, _) => NamedPieces(text)),
        Mutator.OfOrder("columns", MutatorKind.Splitting, static (text, _) => string.Join(" | ", text.Split(' '))),
    ];

    /// <summary>As many parts as asked for, cut between words of the orders; the dressing goes with the first and the last.</summary>
    private static AttackText? Split(AttackText text, int parts)
    {
        if (text.Parts.Count != 1)
        {
            return null;
        }

        var words = text.Orders.SelectMany(static order => order.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        if (words.Count < 2)
        {
            return null;
        }

        var size = (words.Count + parts - 1) / parts;
        return new([.. words.Chunk(size).Select(static chunk => (IReadOnlyList<AttackSegment>)[new(string.Join(' ', chunk), true)])]);
    }

    private static string NamedPieces(string text)
    {
        var pieces = text.Chunk(Math.Max(4, text.Length / 4)).Select(static piece => new string(piece)).ToList();
        return $"{string.Join("; ", pieces.Select(static (piece, at) => FormattableString.Invariant($"{(char)('a' + at)} = \"{piece}\"")))}; do {string.Join(" + ", pieces.Select(static (_, at) => ((char)('a' + at)).ToString()))}";
    }
}
