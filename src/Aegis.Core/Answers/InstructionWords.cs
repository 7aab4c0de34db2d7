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

    private readonly ReadOnlySpan<char> _text = text;
    /// <summary>What was read.</summary>
    public Words Before { get; private set; } = before;

    /// <summary>How many words lie in a row, at most <see cref="Row"/>.</summary>
    public readonly int Count => Before.Count;

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
        var (at, others) = (End, Before.Others);
        while (Before.IsInside && at < _text.Length && GoesOn(at))
        {
            at++;
        }

        var isInside = Before.IsInside && at == _text.Length;
        while (at < _text.Length && (!char.IsLetterOrDigit(_text[at]) || IsNumber(at)))
        {
            at++;
            others++;
        }

        if (at == _text.Length)
        {
            (Before, End) = (Before with { Others = Math.Min(others, Apart + 1), IsInside = isInside }, at);
            return false;
        }

        Before = Before with { Count = others > Apart ? 0 : Before.Count, Others = 0, IsInside = false };
        Start = at;
        var hash = Fnv.Start;
        var isIdeogram = IsIdeogram(_text[at]);
        do
        {
            hash = char.IsLetterOrDigit(_text[at]) ? Fnv.Add(hash, Folded(_text[at])) : hash;
            at++;
        }
        while (!isIdeogram && at < _text.Length && GoesOn(at));
        (End, Weight) = (at, isIdeogram ? 0.5 : 1);
        if (End - Start > Longest)
        {
            Before = Before with { Count = 0 };
            return true;
        }

        Key = (((((Before.Third * 31) + Before.Second) * 31) + Before.Last) * 31) + hash;
        Before = new(hash, Before.Last, Before.Second, Math.Min(Count + 1, Row), Others: 0, IsInside: false);
        return true;
    }

    /// <summary>The rest of a word that goes on behind the text belongs to it: it is longer than any that counts.</summary>
    /// <returns>Whether it is.</returns>
    public bool Break()
    {
        Before = Before with { IsInside = End - Start > Longest };
        return Before.IsInside;
    }

    private readonly bool GoesOn(int at) => (char.IsLetterOrDigit(_text[at]) || IsInvisible(_text[at])) && !IsIdeogram(_text[at]);

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

    /// <summary>What was read of a text.</summary>
    /// <param name="Last">The last word.</param>
    /// <param name="Second">The one before it.</param>
    /// <param name="Third">The one before that.</param>
    /// <param name="Count">How many lie in a row.</param>
    /// <param name="Others">Other characters behind the last.</param>
    /// <param name="IsInside">Whether a word goes on that is longer than any that counts.</param>
    internal readonly record struct Words(ulong Last, ulong Second, ulong Third, int Count, int Others, bool IsInside);
}
