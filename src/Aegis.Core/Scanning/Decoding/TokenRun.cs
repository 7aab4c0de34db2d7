using System.Buffers;
using System.Text;

namespace Aegis.Scanning.Decoding;

/// <summary>Parts of a text that are made of the characters of an alphabet.</summary>
internal static class TokenRun
{
    private const int MaxBreak = 8;   // a line break, an indent, a quotation's mark

    /// <summary>The longest runs of an alphabet, of at least so many characters.</summary>
    public static IEnumerable<TextRange> Of(string text, SearchValues<char> alphabet, int min)
    {
        for (var start = Next(text, 0, alphabet); start < text.Length;)
        {
            var end = End(text, start, alphabet);
            if (end - start >= min)
            {
                yield return new(start, end);
            }

            start = Next(text, end, alphabet);
        }
    }

    /// <summary>Runs that were broken into lines or groups of one length, when there are several: where they stand, and how many characters they are without the breaks.</summary>
    public static IEnumerable<(TextRange Range, int Length)> Grouped(string text, SearchValues<char> alphabet, int minGroup)
    {
        TextRange? first = null;
        var (last, length) = (default(TextRange), 0);
        foreach (var run in Of(text, alphabet, 1))
        {
            var goesOn = first is { } group && run.Start - last.End <= MaxBreak && Length(last) == Length(group) && Length(run) <= Length(group);
            if (!goesOn)
            {
                if (first is { } before && last != before)
                {
                    yield return (new(before.Start, last.End), length);
                }

                first = Length(run) >= minGroup ? run : null;
                length = 0;
            }

            length += Length(run);
            last = run;
        }

        if (first is { } open && last != open)
        {
            yield return (new(open.Start, last.End), length);
        }
    }

    /// <summary>A range without its breaks.</summary>
    public static string Join(string text, TextRange range, SearchValues<char> alphabet)
    {
        var joined = new StringBuilder(range.End - range.Start);
        foreach (var c in text.AsSpan(range.Start, range.End - range.Start))
        {
            if (alphabet.Contains(c))
            {
                joined.Append(c);
            }
        }

        return joined.ToString();
    }

    private static int Next(string text, int from, SearchValues<char> alphabet) => text.AsSpan(from).IndexOfAny(alphabet) is >= 0 and var index ? from + index : text.Length;

    private static int End(string text, int from, SearchValues<char> alphabet) => text.AsSpan(from).IndexOfAnyExcept(alphabet) is >= 0 and var index ? from + index : text.Length;

    private static int Length(TextRange range) => range.End - range.Start;
}
