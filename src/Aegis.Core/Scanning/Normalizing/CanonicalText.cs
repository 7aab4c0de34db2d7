using System.Buffers;
using System.Globalization;
using System.Text;

namespace Aegis.Scanning.Normalizing;

/// <summary>
/// A text as a reader takes it in, with the way back to the original: lower case, compatibility forms folded, decorations and invisible
/// characters gone (invisible tag characters become the ASCII that they spell), look-alikes replaced inside words that mix scripts, each run
/// of white space one blank, or one line feed if it breaks the line. Linear in time and space; any UTF-16 is accepted.
/// </summary>
internal sealed class CanonicalText : IDisposable
{
    /// <summary>How far within a word a look-alike is judged by its neighbours, so that a stream knows how long to wait.</summary>
    public const int Reach = 32;

    private const int NoCharacter = 0xFFFE;   // a byte order mark turned around, which Unicode's forms do not take

    private static readonly string?[] Folds = new string?[char.MaxValue + 1];

    private char[] _text = [];
    private int[] _starts = [];
    private int[] _ends = [];

    /// <summary>Takes in a text; the one before must be disposed of.</summary>
    public void Begin(string original)
    {
        Length = 0;
        _text = ArrayPool<char>.Shared.Rent(original.Length + 16);
        _starts = ArrayPool<int>.Shared.Rent(original.Length + 16);
        _ends = ArrayPool<int>.Shared.Rent(original.Length + 16);
        Read(original);
        if (!Ascii.IsValid(Text))
        {
            ReplaceLookAlikesInMixedWords();
        }
    }

    public int Length { get; private set; }

    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    public static CanonicalText Of(string original)
    {
        var canonical = new CanonicalText();
        canonical.Begin(original);
        return canonical;
    }

    /// <summary>The canonical form alone, for what patterns and keywords are made of.</summary>
    public static string Fold(string original)
    {
        using var canonical = Of(original);
        return canonical.Text.ToString();
    }

    /// <summary>Where a canonical range stands in the original.</summary>
    public TextRange RangeOf(int start, int length) => new(_starts[start], _ends[start + length - 1]);

    /// <summary>Where a canonical character begins in the original.</summary>
    public int StartOf(int index) => _starts[index];

    /// <summary>Whether nothing stands in the original between a canonical character and the next.</summary>
    public bool Touches(int index) => _starts[index + 1] <= _ends[index];

    /// <summary>The first canonical character that text behind this one could still change.</summary>
    public int FirstOpen(string original)
    {
        var last = Length - 1;   // a blank may become a line feed, half a pair a character
        var open = Math.Max(0, last);
        for (var i = last >= 0 && char.IsHighSurrogate(original[_starts[last]]) && _ends[last] == _starts[last] + 1 ? last - 1 : last; i >= 0 && i >= last - Reach && char.IsLetterOrDigit(_text[i]); i--)
        {
            if (original[_starts[i]] >= 0x80 && (_text[i] < 0x80 || Confusables.Letter(_text[i]) != 0))
            {
                open = i;
            }
        }

        return open;
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(Interlocked.Exchange(ref _text, []), clearArray: true);
        ArrayPool<int>.Shared.Return(Interlocked.Exchange(ref _starts, []));
        ArrayPool<int>.Shared.Return(Interlocked.Exchange(ref _ends, []));
    }

    private void Read(string original)
    {
        for (var i = 0; i < original.Length;)
        {
            i = ReadAscii(original, i);
            if (i == original.Length)
            {
                break;
            }

            if (original[i] < 0x80)
            {
                GrowAll();
                continue;
            }

            var status = Rune.DecodeFromUtf16(original.AsSpan(i), out var rune, out var consumed);
            var end = i + consumed;
            if (status != OperationStatus.Done || rune.Value == NoCharacter)
            {
                Append('\uFFFD', i, end);
            }
            else if (Rune.IsWhiteSpace(rune) || rune.Value is 0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0)   // these look like blanks
            {
                Blank(rune.Value is 0x85 or 0x2028 or 0x2029, i, end);
            }
            else if (Length == 0 || _text[Length - 1] >= 0x80 || Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)   // no script puts its marks on ASCII
            {
                foreach (var part in FoldOf(rune))
                {
                    Append(part, i, end);
                }
            }

            i = end;
        }
    }

    /// <summary>Reads ASCII, as long as there is room.</summary>
    /// <returns>The position behind it.</returns>
    private int ReadAscii(string original, int from)
    {
        var (text, starts, ends, length, i) = (_text, _starts, _ends, Length, from);
        var room = Math.Min(text.Length, Math.Min(starts.Length, ends.Length)) - length;
        for (var last = Math.Min(original.Length, from + room); i < last && original[i] is var c and < (char)0x80; i++)
        {
            if (c is <= ' ' or '\u007F')
            {
                if (c is not (' ' or (>= '\t' and <= '\r')))
                {
                    continue;
                }

                var breaksLine = c is '\n' or '\r';
                if (length > 0 && text[length - 1] is ' ' or '\n')
                {
                    ends[length - 1] = i + 1;
                    text[length - 1] = breaksLine ? '\n' : text[length - 1];
                    continue;
                }

                c = breaksLine ? '\n' : ' ';
            }

            text[length] = c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
            starts[length] = i;
            ends[length++] = i + 1;
        }

        Length = length;
        return i;
    }

    private static string FoldOf(Rune rune) => rune.IsBmp ? Folds[rune.Value] ??= Compute(rune) : Compute(rune);

    private static string Compute(Rune rune)
    {
        if (rune.Value is 0x06CC or 0x06A9)
        {
            return rune.Value == 0x06CC ? "\u064A" : "\u0643";   // as Persian writes yeh and kaf
        }

        if (Confusables.Shape(rune) is var shape and not '\0')
        {
            return shape.ToString();
        }

        if (rune.Value is >= 0xE0020 and <= 0xE007E)
        {
            return char.ToLowerInvariant((char)(rune.Value - 0xE0000)).ToString();
        }

        var fold = new StringBuilder();
        foreach (var part in rune.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (!Confusables.IsInvisible(part) && !Confusables.IsDecoration(part))
            {
                fold.Append(Rune.ToLowerInvariant(part).ToString());
            }
        }

        return fold.ToString();
    }

    private void ReplaceLookAlikesInMixedWords()
    {
        for (var i = 0; i < Length;)
        {
            if (!char.IsLetterOrDigit(_text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            bool latin = false, other = false;
            for (; i < Length && char.IsLetterOrDigit(_text[i]); i++)
            {
                latin |= char.IsAsciiLetter(_text[i]);
                other |= _text[i] >= 0x80;
            }

            if (latin && other)
            {
                ReplaceLookAlikes(start, i);
            }
        }
    }

    /// <summary>In a word: where a Latin letter, and no letter that looks like none, is within reach. Behind a Cyrillic letter that looks like none, Latin ones are Cyrillic.</summary>
    private void ReplaceLookAlikes(int start, int end)
    {
        Span<bool> latin = stackalloc bool[(2 * Reach) + 2];
        Span<bool> strange = stackalloc bool[latin.Length];
        int latins = 0, strangers = 0, ahead = start, cyrillic = int.MinValue / 2;
        for (var i = start; i < end; i++)
        {
            for (; ahead < end && ahead <= i + Reach; ahead++)
            {
                var c = _text[ahead];
                latins += (latin[ahead % latin.Length] = char.IsAsciiLetter(c)) ? 1 : 0;
                strangers += (strange[ahead % latin.Length] = c >= 0x80 && Confusables.Letter(c) == 0) ? 1 : 0;
            }

            var behind = i - Reach - 1;
            if (behind >= start)
            {
                latins -= latin[behind % latin.Length] ? 1 : 0;
                strangers -= strange[behind % latin.Length] ? 1 : 0;
            }

            if (_text[i] >= 0x80 && latins > 0 && strangers == 0)
            {
                _text[i] = Confusables.Letter(_text[i]);
            }
            else if (_text[i] < 0x80 && i - cyrillic <= Reach)
            {
                _text[i] = Confusables.Cyrillic(_text[i]);
            }
            else if (_text[i] is >= '\u0430' and <= '\u052F' && Confusables.Letter(_text[i]) == 0)
            {
                cyrillic = i;
            }
        }
    }

    private void Blank(bool breaksLine, int start, int end)
    {
        if (Length > 0 && (_text[Length - 1] is ' ' or '\n'))
        {
            _ends[Length - 1] = end;
            _text[Length - 1] = breaksLine ? '\n' : _text[Length - 1];
            return;
        }

        Append(breaksLine ? '\n' : ' ', start, end);
    }

    private void Append(char c, int start, int end)
    {
        if (Length == _text.Length || Length == _starts.Length || Length == _ends.Length)
        {
            GrowAll();
        }

        _text[Length] = c;
        _starts[Length] = start;
        _ends[Length++] = end;
    }

    private void GrowAll()
    {
        Grow(ref _text);
        Grow(ref _starts);
        Grow(ref _ends);
    }

    private static void Grow<T>(ref T[] array)
    {
        var larger = ArrayPool<T>.Shared.Rent(array.Length * 2);
        array.CopyTo(larger, 0);
        ArrayPool<T>.Shared.Return(array, clearArray: true);
        array = larger;
    }
}
