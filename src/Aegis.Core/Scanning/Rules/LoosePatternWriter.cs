using System.Globalization;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>Writes a pattern for <see cref="LooseText"/>: blanks, edges and punctuation are gone, letters are those of its alphabet.</summary>
internal static class LoosePatternWriter
{
    /// <summary>The pattern, and the letters that a match has at least.</summary>
    public static (string Regex, int Min) Write(PatternNode root)
    {
        var regex = new StringBuilder();
        var min = Write(root, regex);
        return (regex.ToString(), min);
    }

    private static int Write(PatternNode node, StringBuilder regex)
    {
        switch (node)
        {
            case PatternNode.Literal literal:
                return Letter(LooseLetters.Of(literal.Character), regex);
            case PatternNode.Set { Name: 'w' }:
                regex.Append("\\w");
                return 1;
            case PatternNode.Set { Name: 'S' or 'D' or 'W' } or PatternNode.Any:
                regex.Append("\\w?");
                return 0;
            case PatternNode.Set or PatternNode.Edge:
                return 0;
            case PatternNode.Class members:
                return Write(members, regex);
            case PatternNode.Sequence sequence:
                return sequence.Parts.Sum(part => Write(part, regex));
            case PatternNode.Choice choice:
                return Write(choice, regex);
            case PatternNode.Repeat repeat:
                return Write(repeat, regex);
            default:
                throw new InvalidOperationException("A part of a pattern that cannot be written.");
        }
    }

    private static int Write(PatternNode.Choice choice, StringBuilder regex)
    {
        var min = int.MaxValue;
        regex.Append("(?:");
        for (var i = 0; i < choice.Options.Count; i++)
        {
            regex.Append(i == 0 ? "" : "|");
            min = Math.Min(min, Write(choice.Options[i], regex));
        }

        regex.Append(')');
        return min;
    }

    private static int Write(PatternNode.Repeat repeat, StringBuilder regex)
    {
        var inner = new StringBuilder();
        var min = Write(repeat.Part, inner);
        if (inner.Length == 0)
        {
            return 0;
        }

        if (inner.ToString() is "\\w?")
        {
            regex.Append(CultureInfo.InvariantCulture, $"\\w{{0,{repeat.To}}}");
            return 0;
        }

        regex.Append("(?:").Append(inner).Append(CultureInfo.InvariantCulture, $"){{{repeat.From},{repeat.To}}}");
        return min * repeat.From;
    }

    private static int Write(PatternNode.Class members, StringBuilder regex)
    {
        if (members.IsNegated)
        {
            regex.Append("\\w?");
            return 0;
        }

        var letters = new SortedSet<char>();
        var isAny = members.Sets.AsSpan().ContainsAny('w', 'S', 'D');
        foreach (var (from, to) in members.Ranges)
        {
            if (to - from > 0x100)
            {
                isAny = true;   // a script
                continue;
            }

            for (var c = from; c <= to; c++)
            {
                if (LooseLetters.Of(c) is var letter and not '\0')
                {
                    letters.Add(letter);
                }
            }
        }

        if (isAny)
        {
            regex.Append("\\w?");
            return 0;
        }

        if (letters.Count == 0)
        {
            return 0;
        }

        regex.Append('[').AppendJoin("", letters).Append(']');
        var isOptional = members.Sets.Length > 0 || members.Ranges.Any(static range => LooseLetters.Of(range.From) == '\0');
        regex.Append(isOptional ? "?" : "");
        return isOptional ? 0 : 1;
    }

    private static int Letter(char letter, StringBuilder regex)
    {
        if (letter == '\0')
        {
            return 0;
        }

        PatternWriter.Escaped(letter, regex);
        return 1;
    }
}
