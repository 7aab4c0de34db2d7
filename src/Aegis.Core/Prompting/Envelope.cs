using System.Text;

namespace Aegis.Prompting;

/// <summary>Marks that stand around a text and change it.</summary>
internal static class Envelope
{
    public delegate string? Reading(ReadOnlySpan<char> inner);

    /// <summary>A text with every envelope in it replaced by what was put into it; one that is not whole stays as it is. Linear.</summary>
    /// <param name="text">The text.</param>
    /// <param name="open">How an envelope begins.</param>
    /// <param name="endOf">Where the inside ends that begins at an index; -1: nowhere.</param>
    /// <param name="close">What stands there.</param>
    /// <param name="read">Reads the inside; null: it is none.</param>
    public static string Undo(string text, string open, Func<string, int, int> endOf, string close, Reading read)
    {
        StringBuilder? undone = null;
        var done = 0;
        for (var at = text.IndexOf(open, StringComparison.Ordinal); at >= 0; at = text.IndexOf(open, at, StringComparison.Ordinal))
        {
            var begin = at + open.Length;
            var end = endOf(text, begin);
            at = begin;
            if (end < 0)
            {
                break;
            }

            if (string.CompareOrdinal(text, end, close, 0, close.Length) == 0 && read(text.AsSpan(begin, end - begin)) is { } inner)
            {
                (undone ??= new()).Append(text, done, begin - open.Length - done).Append(inner);
                at = done = end + close.Length;
            }
        }

        return undone is null ? text : undone.Append(text, done, text.Length - done).ToString();
    }
}
