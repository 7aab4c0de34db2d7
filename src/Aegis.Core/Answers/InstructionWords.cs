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
/// <param name="before">What was read before it.</param>
internal ref struct InstructionWords(ReadOnlySpan<char> text, int at, InstructionWords.Words before = default)
{
    /// <summary>Words in a row that tell one text from another.</summary>
    public const int Row = 4;

    /// <summary>Characters before a place that say which words lie before it.</summary>
    public const int Reach = Row * (Longest + Apart);

    private const int Longest = 48;
    private const int Apart = 64;

    /// <summary>Of each character of ASCII, the letter or digit that it counts as, or 0.</summary>
    private static readonly byte[] Plain = [.. Enumerable.Range(0, 128).Select(static c => char.IsAsciiLetterOrDigit((char)c) ? (byte)char.ToLowerInvariant((char)c) : (byte)0)];

    private readonly ReadOnlySpan<char> _text = text;
    private Words _before = before;

    /// <summary>What was read.</summary>
    public readonly Words Before => _before;

    /// <summary>How many words lie in a row, at most <see cref="Row"/>.</summary>
    public readonly int Count => _before.Count;

    /// <summary>Where the last word begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends.</summary>
    public int End { get; private set; } = at;

    /// <summary>What it counts: a character without spaces half.</summary>
    public double Weight { get; private set; }

    /// <summary>The last four words.</summary>
    public readonly ulong Key => (((((_before.Fourth * 31) + _before.Third) * 31) + _before.Second) * 31) + _before.Last;

    /// <summary>Reads the next word.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Next()
    {
        var at = End;
        while (_before.IsInside && at < _text.Length && GoesOn(at))
        {
            at++;
        }

        _before.IsInside &= at == _text.Length;
        var others = at;
        while (at < _text.Length && IsOther(at))
        {
            at++;
        }

        _before.Others = Math.Min(_before.Others + at - others, Apart + 1);
        if (at == _text.Length)
        {
            End = at;
            return false;
        }

        _before.Count = _before.Others > Apart ? 0 : _before.Count;
        (_before.Others, Start) = (0, at);
        var hash = Read(ref at);
        End = at;
        if (End - Start > Longest)
        {
            _before.Count = 0;
            return true;
        }

        (_before.Fourth, _before.Third, _before.Second, _before.Last) = (_before.Third, _before.Second, _before.Last, hash);
        _before.Count = Math.Min(_before.Count + 1, Row);
        return true;
    }

    /// <summary>Reads to the end of a word.</summary>
    private ulong Read(ref int at)
    {
        var isIdeogram = IsIdeogram(_text[at]);
        var hash = Fnv.Start;
        Weight = isIdeogram ? 0.5 : 1;
        do
        {
            var c = _text[at];
            if (c < 128)
            {
                hash = Fnv.Add(hash, (char)Plain[c]);
            }
            else
            {
                hash = char.IsLetterOrDigit(c) ? Fnv.Add(hash, Folded(c)) : hash;
            }

            at++;
        }
        while (!isIdeogram && at < _text.Length && GoesOn(at));
        return hash;
    }

    /// <summary>The rest of a word that goes on behind the text belongs to it: it is longer than any that counts.</summary>
    /// <returns>Whether it is.</returns>
    public bool Break()
    {
        _before.IsInside = End - Start > Longest;
        return _before.IsInside;
    }

    private readonly bool GoesOn(int at) => _text[at] is var c && (c < 128 ? Plain[c] != 0 : (char.IsLetterOrDigit(c) || IsInvisible(c)) && !IsIdeogram(c));

    /// <summary>Whether a character is of no word.</summary>
    private readonly bool IsOther(int at) => _text[at] is var c && (c < 128 ? Plain[c] == 0 || (c <= '9' && IsNumber(at)) : !char.IsLetterOrDigit(c));

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

    /// <summary>A format character or a mark inside a word; not for ASCII.</summary>
    private static bool IsInvisible(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark;

    private static bool IsIdeogram(char c) => c is (>= '\u2E80' and <= '\uA4CF') or (>= '\uAC00' and <= '\uD7AF') or (>= '\uF900' and <= '\uFAFF');

    /// <summary>What was read of a text.</summary>
    internal struct Words
    {
        /// <summary>The last word, and those before it.</summary>
        public ulong Last, Second, Third, Fourth;

        /// <summary>How many lie in a row.</summary>
        public int Count;

        /// <summary>Other characters behind the last.</summary>
        public int Others;

        /// <summary>Whether a word goes on that is longer than any that counts.</summary>
        public bool IsInside;
    }
}
