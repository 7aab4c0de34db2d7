using System.Globalization;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>Writes a pattern for <see cref="LooseText"/>: blanks, edges and punctuation are gone, letters are those of its alphabet.</summary>
internal sealed class LoosePatternWriter
{
    private const string Digits = "0123456789";

    private readonly StringBuilder _regex = new();
    private readonly SortedSet<char> _lost = [];

    private LoosePatternWriter()
    {
    }

    /// <summary>The pattern, null if it names no letters; how many it names at least; and the signs that it had and that are not of words, of which one must still stand where it matches.</summary>
    public static (string? Regex, int Letters, string Signs) Write(PatternNode root)
    {
        var writer = new LoosePatternWriter();
        var letters = writer.Add(root);
        return letters > 0 ? (writer._regex.ToString(), letters, string.Concat(writer._lost)) : (null, 0, "");
    }

    /// <summary>Writes a part.</summary>
    /// <returns>The letters that it names at least.</returns>
    private int Add(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Literal literal:
                return Add(literal.Character);
            case PatternNode.Set { Name: 'w' }:
                _regex.Append("\\w");
                return 0;
            case PatternNode.Set { Name: 'S' or 'D' or 'W' } or PatternNode.Any:
                _regex.Append("\\w?");
                return 0;
            case PatternNode.Set { Name: 'd' }:
                _lost.UnionWith(Digits);
                _regex.Append("\\w?");
                return 0;
            case PatternNode.Set or PatternNode.Edge:
                return 0;
            case PatternNode.Class members:
                return Add(members);
            case PatternNode.Sequence sequence:
                return Add(sequence);
            case PatternNode.Choice choice:
                return Add(choice);
            case PatternNode.Repeat repeat:
                return Add(repeat);
            default:
                throw new InvalidOperationException("A part of a pattern that cannot be written.");
        }
    }

    private int Add(char character)
    {
        var letter = LooseLetters.Of(character);
        if (letter == '\0')
        {
            if (!MayVanish(character))
            {
                _lost.Add(character);
            }

            return 0;
        }

        PatternWriter.Escaped(letter, _regex);
        return 1;
    }

    private int Add(PatternNode.Sequence sequence)
    {
        var letters = 0;
        for (var i = 0; i < sequence.Parts.Count; i++)
        {
            letters += Add(sequence.Parts[i]);
            if (i > 0 && sequence.Parts[i] is PatternNode.Literal sign && sequence.Parts[i - 1] == sign && LooseLetters.Of(sign.Character) == '\0')
            {
                _lost.Add(sign.Character);   // a row of them is no punctuation
            }
        }

        return letters;
    }

    private int Add(PatternNode.Choice choice)
    {
        char[] before = [.. _lost];
        var lost = new SortedSet<char>();
        var (letters, needsSign) = (int.MaxValue, true);
        _regex.Append("(?:");
        for (var i = 0; i < choice.Options.Count; i++)
        {
            _lost.Clear();
            _regex.Append(i == 0 ? "" : "|");
            letters = Math.Min(letters, Add(choice.Options[i]));
            needsSign &= _lost.Count > 0;
            lost.UnionWith(_lost);
        }

        _regex.Append(')');
        _lost.Clear();
        _lost.UnionWith(before);
        if (needsSign)
        {
            _lost.UnionWith(lost);
        }

        return letters;
    }

    private int Add(PatternNode.Repeat repeat)
    {
        char[] before = [.. _lost];
        var start = _regex.Length;
        var letters = Add(repeat.Part);
        if (repeat.From == 0)
        {
            _lost.IntersectWith(before);
        }
        else if (repeat is { From: > 1, Part: PatternNode.Literal sign } && LooseLetters.Of(sign.Character) == '\0')
        {
            _lost.Add(sign.Character);
        }

        var inner = _regex.ToString(start, _regex.Length - start);
        _regex.Length = start;
        if (inner is "\\w?")
        {
            _regex.Append(CultureInfo.InvariantCulture, $"\\w{{0,{repeat.To}}}");
            return 0;
        }

        if (inner.Length > 0)
        {
            _regex.Append("(?:").Append(inner).Append(CultureInfo.InvariantCulture, $"){{{repeat.From},{repeat.To}}}");
        }

        return letters * repeat.From;
    }

    private int Add(PatternNode.Class members)
    {
        var isAny = members.IsNegated || members.Sets.AsSpan().ContainsAny('w', 'S', 'D') || members.Ranges.Any(static range => range.To - range.From > 0x100);   // a script
        if (isAny)
        {
            _regex.Append("\\w?");
            return 0;
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

            return 0;
        }

        _regex.Append('[').AppendJoin("", letters).Append(']').Append(isOptional ? "?" : "");
        return isOptional ? 0 : 1;
    }

    /// <summary>Whether a pattern means the same without it.</summary>
    private static bool MayVanish(char c) => c is ' ' or '\n' or '\'' or '’' or '-' or ',' or '.';
}
