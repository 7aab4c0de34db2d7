using System.Globalization;
using Aegis.Scanning.Normalizing;
using Aegis.Tools;

namespace Aegis.Answers;

/// <summary>
/// Goes through a text word by word and knows the last four of them. A word is what stands between other characters than letters and digits, in lower
/// case; of Chinese, Japanese and Korean each character is one. What is longer than 48 characters is no word, and more than 64 others part what stands
/// around them, so that what is known of a place depends on the 448 characters before it. Characters that nobody sees and marks are left out, look-alikes
/// count as what they look like, and numbers of one or two digits, which count lists, are no words.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="at">Where it begins to read.</param>
internal ref struct InstructionWords(ReadOnlySpan<char> text, int at)
{
    /// <summary>Words in a row that tell one text from another.</summary>
    public const int Row = 4;

    /// <summary>Characters before a place that say which words lie before it.</summary>
    public const int Reach = Row * (Longest + Apart);

    private const int Longest = 48;
    private const int Apart = 64;

    private readonly ReadOnlySpan<char> _text = text;
    private ulong _last;
    private ulong _second;
    private ulong _third;
    private int _others;

    /// <summary>How many words lie in a row, at most <see cref="Row"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Where the last word begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends.</summary>
    public int End { get; private set; } = at;

    /// <summary>What it counts: a character without spaces half.</summary>
    public double Weight { get; private set; }

    /// <summary>The last four words.</summary>
    public ulong Key { get; private set; }

    /// <summary>Reads the next word.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Next()
    {
        var at = End;
        while (at < _text.Length && (!char.IsLetterOrDigit(_text[at]) || IsNumber(at)))
        {
            at++;
            _others++;
        }

        if (at == _text.Length)
        {
            return false;
        }

        if (_others > Apart)
        {
            Count = 0;
        }

        (Start, _others) = (at, 0);
        var hash = Fnv.Start;
        var isIdeogram = IsIdeogram(_text[at]);
        do
        {
            hash = char.IsLetterOrDigit(_text[at]) ? Fnv.Add(hash, Folded(_text[at])) : hash;
            at++;
        }
        while (!isIdeogram && at < _text.Length && (char.IsLetterOrDigit(_text[at]) || IsInvisible(_text[at])) && !IsIdeogram(_text[at]));
        (End, Weight) = (at, isIdeogram ? 0.5 : 1);
        if (End - Start > Longest)
        {
            Count = 0;
            return true;
        }

        Key = (((((_third * 31) + _second) * 31) + _last) * 31) + hash;
        (_third, _second, _last) = (_second, _last, hash);
        Count = Math.Min(Count + 1, Row);
        return true;
    }

    /// <summary>Whether one or two digits stand alone.</summary>
    private readonly bool IsNumber(int at)
    {
        var end = at;
        while (end < _text.Length && end - at < 3 && char.IsAsciiDigit(_text[end]))
        {
            end++;
        }

        return end > at && end - at < 3 && end < _text.Length && !char.IsLetterOrDigit(_text[end]) && (at == 0 || !char.IsLetter(_text[at - 1]));
    }

    private static char Folded(char c)
    {
        var folded = char.ToLowerInvariant(c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c);
        return folded >= 0x80 && Confusables.Letter(folded) is var letter and not '\0' ? letter : folded;
    }

    /// <summary>A format character or a mark inside a word.</summary>
    private static bool IsInvisible(char c) => c >= 0x80 && char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark;

    private static bool IsIdeogram(char c) => c is (>= '\u2E80' and <= '\uA4CF') or (>= '\uAC00' and <= '\uD7AF') or (>= '\uF900' and <= '\uFAFF');
}
