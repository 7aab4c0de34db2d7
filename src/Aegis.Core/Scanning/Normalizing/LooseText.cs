using System.Buffers;

namespace Aegis.Scanning.Normalizing;

/// <summary>
/// A canonical text without what stands between its letters, for those who write <c>i g n o r e</c>, <c>ig-nore</c> or <c>1gn0r3</c>. Digits and
/// signs are letters inside a word that has letters; else they are gone. Linear in time and space.
/// </summary>
internal sealed class LooseText : IDisposable
{
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
        for (var i = 0; i < text.Length;)
        {
            if (!IsOfWord(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            var hasLetters = false;
            for (; i < text.Length && IsOfWord(text[i]); i++)
            {
                hasLetters |= !char.IsAsciiDigit(text[i]) && LooseLetters.OfSign(text[i]) == '\0';
            }

            if (hasLetters)
            {
                ReadWord(text, start, i);
            }
        }
    }

    private void ReadWord(ReadOnlySpan<char> text, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            var letter = LooseLetters.Of(text[i]);
            if (letter == '\0' && (i + 1 < end || text[i] is '@' or '$'))
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
}
