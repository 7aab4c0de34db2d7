using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>Makes a pattern one for <see cref="LooseText"/>: blanks, edges and punctuation are gone, letters are those of its alphabet.</summary>
internal sealed class LoosePattern
{
    private const string Digits = "0123456789";

    private static readonly PatternNode OfWord = new PatternNode.Set('w');
    private static readonly PatternNode MaybeOfWord = new PatternNode.Repeat(OfWord, 0, 1);
    private static readonly PatternNode Nothing = new PatternNode.Sequence([]);

    private const char FirstTelling = '\u1100';   // Hangul, Chinese, Japanese

    private readonly SortedSet<char> _lost = [];

    private LoosePattern()
    {
    }

    /// <summary>The pattern, null if it names no letters; how many it names at least; and the signs that it had and that are not of words, of which one must still stand where it matches.</summary>
    public static (PatternNode? Root, int Letters, string Signs) Of(PatternNode root)
    {
        var maker = new LoosePattern();
        var (loose, letters) = maker.Make(root);
        return letters > 0 ? (loose, letters, string.Concat(maker._lost)) : (null, 0, "");
    }

    /// <summary>Whether a class is any letter.</summary>
    public static bool IsAny(PatternNode.Class members) =>
        members.IsNegated || members.Sets.AsSpan().ContainsAny('w', 'S', 'D') || members.Ranges.Any(static range => range.To - range.From > 0x100);   // a script

    /// <summary>A part, and the letters that it names at least.</summary>
    private (PatternNode Node, int Letters) Make(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Literal literal:
                return Make(literal);
            case PatternNode.Set { Name: 'w' }:
                return (OfWord, 0);
            case PatternNode.Set { Name: 'S' or 'D' or 'W' } or PatternNode.Any:
                return (MaybeOfWord, 0);
            case PatternNode.Set { Name: 'd' }:
                _lost.UnionWith(Digits);
                return (MaybeOfWord, 0);
            case PatternNode.Set or PatternNode.Edge:
                return (Nothing, 0);
            case PatternNode.Class members:
                return Make(members);
            case PatternNode.Sequence sequence:
                return Make(sequence);
            case PatternNode.Choice choice:
                return Make(choice);
            case PatternNode.Repeat repeat:
                return Make(repeat);
            default:
                throw new InvalidOperationException("A part of a pattern that is not known.");
        }
    }

    private (PatternNode Node, int Letters) Make(PatternNode.Literal literal)
    {
        var letter = LooseLetters.Of(literal.Character);
        if (letter != '\0')
        {
            return (PatternNode.Literal.Of(letter), letter >= FirstTelling ? 2 : 1);
        }

        if (!MayVanish(literal.Character))
        {
            _lost.Add(literal.Character);
        }

        return (Nothing, 0);
    }

    private (PatternNode Node, int Letters) Make(PatternNode.Sequence sequence)
    {
        var (parts, letters) = (new List<PatternNode>(), 0);
        for (var i = 0; i < sequence.Parts.Count; i++)
        {
            var (part, more) = Make(sequence.Parts[i]);
            letters += more;
            if (part != Nothing)
            {
                parts.Add(part);
            }

            if (i > 0 && sequence.Parts[i] is PatternNode.Literal sign && sequence.Parts[i - 1] == sign && LooseLetters.Of(sign.Character) == '\0')
            {
                _lost.Add(sign.Character);   // a row of them is no punctuation
            }
        }

        return (parts.Count switch { 0 => Nothing, 1 => parts[0], _ => new PatternNode.Sequence(parts) }, letters);
    }

    private (PatternNode Node, int Letters) Make(PatternNode.Choice choice)
    {
        char[] before = [.. _lost];
        var (options, lost) = (new List<PatternNode>(), new SortedSet<char>());
        var (letters, needsSign) = (int.MaxValue, true);
        foreach (var option in choice.Options)
        {
            _lost.Clear();
            var (loose, named) = Make(option);
            options.Add(loose);
            letters = Math.Min(letters, named);
            needsSign &= _lost.Count > 0;
            lost.UnionWith(_lost);
        }

        _lost.Clear();
        _lost.UnionWith(before);
        if (needsSign)
        {
            _lost.UnionWith(lost);
        }

        return (options.TrueForAll(static option => option == Nothing) ? Nothing : new PatternNode.Choice(options), letters);
    }

    private (PatternNode Node, int Letters) Make(PatternNode.Repeat repeat)
    {
        char[] before = [.. _lost];
        var (part, letters) = Make(repeat.Part);
        if (repeat.From == 0)
        {
            _lost.IntersectWith(before);
        }
        else if (repeat is { From: > 1, Part: PatternNode.Literal sign } && LooseLetters.Of(sign.Character) == '\0')
        {
            _lost.Add(sign.Character);
        }

        return part == Nothing ? (Nothing, 0)
            : part == MaybeOfWord ? (new PatternNode.Repeat(OfWord, 0, repeat.To), 0)
            : (new PatternNode.Repeat(part, repeat.From, repeat.To), letters * repeat.From);
    }

    private (PatternNode Node, int Letters) Make(PatternNode.Class members)
    {
        if (IsAny(members))
        {
            return (MaybeOfWord, 0);
        }

        var characters = members.Ranges.SelectMany(static range => Enumerable.Range(range.From, range.To - range.From + 1)).Select(static c => (char)c).ToArray();
        var letters = new SortedSet<char>(characters.Select(LooseLetters.Of).Where(static c => c != '\0'));
        var isOptional = members.Sets.Length > 0 || characters.Any(static c => LooseLetters.Of(c) == '\0');
        if (letters.Count == 0)
        {
            if (members.Sets.Length == 0 && !characters.Any(MayVanish))
            {
                _lost.UnionWith(characters);
            }

            return (Nothing, 0);
        }

        var named = new PatternNode.Class(false, [.. letters.Select(static letter => (letter, letter))], "");
        return isOptional ? (new PatternNode.Repeat(named, 0, 1), 0) : (named, 1);
    }

    /// <summary>Whether a pattern means the same without it.</summary>
    private static bool MayVanish(char c) => c is ' ' or '\n' or '\'' or '’' or '-' or ',' or '.';
}
