using System.Buffers;

namespace Aegis.Scanning.Normalizing;

/// <summary>
/// A canonical text without what stands between its letters, for those who write <c>i g n o r e</c>, <c>ig-nore</c> or <c>1gn0r3</c>. Digits and
/// signs are letters inside a word that has letters, and beside one that has both; else they are gone. A word of look-alikes beside a Latin one is
/// Latin. Linear in time and space.
/// </summary>
internal sealed class LooseText : IDisposable
{
    private const int MaxNumber = 4;   // digits that may be a word among words with digits

    private readonly CanonicalText _canonical;
    private char[] _text;
    private int[] _places;

    private LooseText(CanonicalText canonical)
    {
        _canonical = canonical;
        _text = ArrayPool<char>.Shared.Rent(canonical.Length);
        _places = ArrayPool<int>.Shared.Rent(canonical.Length);
        Read(canonical.Text);
    }

    public int Length { get; private set; }

    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    /// <param name="canonical">The text, which must live as long.</param>
    public static LooseText Of(CanonicalText canonical) => new(canonical);

    /// <summary>Where a range stands in the original.</summary>
    public TextRange RangeOf(int start, int length) => _canonical.RangeOf(_places[start], _places[start + length - 1] - _places[start] + 1);

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(Interlocked.Exchange(ref _text, []), clearArray: true);
        ArrayPool<int>.Shared.Return(Interlocked.Exchange(ref _places, []));
    }

    private void Read(ReadOnlySpan<char> text)
    {
        var (before, word) = (default(Word), NextWord(text, 0));
        while (word.End > 0)
        {
            var next = NextWord(text, word.End);
            if (word.HasLetters || ((before.IsMixed || next.IsMixed) && word.End - word.Start <= MaxNumber))
            {
                Append(text, word, isDisguised: word.LooksLatin && (before.HasLatin || next.HasLatin));
            }

            (before, word) = (word, next);
        }
    }

    private static Word NextWord(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && !IsOfWord(text[from]))
        {
            from++;
        }

        var word = new Word { Start = from, LooksLatin = true };
        for (; from < text.Length && IsOfWord(text[from]); from++)
        {
            var isLatin = char.IsAsciiLetter(text[from]);
            var isSign = char.IsAsciiDigit(text[from]) || LooseLetters.OfSign(text[from]) != '\0';
            word.HasLatin |= isLatin;
            word.HasLetters |= !isSign;
            word.HasSigns |= isSign;
            word.LooksLatin &= !isLatin && !isSign && Confusables.Letter(text[from]) != '\0';
            word.End = from + 1;
        }

        return word;
    }

    private void Append(ReadOnlySpan<char> text, Word word, bool isDisguised)
    {
        for (var i = word.Start; i < word.End; i++)
        {
            var letter = isDisguised ? LooseLetters.Of(Confusables.Letter(text[i])) : LooseLetters.Of(text[i]);
            if (letter == '\0' && (i + 1 < word.End || text[i] is '@' or '$'))
            {
                letter = LooseLetters.OfSign(text[i]);   // the others are punctuation at the end of a word
            }

            if (letter != '\0')
            {
                _text[Length] = letter;
                _places[Length++] = i;
            }
        }
    }

    private static bool IsOfWord(char c) => LooseLetters.Of(c) != '\0' || LooseLetters.OfSign(c) != '\0';

    private struct Word
    {
        public int Start;
        public int End;
        public bool HasLatin;
        public bool HasLetters;
        public bool HasSigns;
        public bool LooksLatin;

        public readonly bool IsMixed => HasLatin && HasSigns;
    }
}
