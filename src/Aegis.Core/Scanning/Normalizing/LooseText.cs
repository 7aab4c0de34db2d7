using System.Buffers;
using System.Collections.Frozen;

namespace Aegis.Scanning.Normalizing;

/// <summary>
/// A canonical text without what stands between its letters, for those who write <c>i g n o r e</c>, <c>ig-nore</c> or <c>1gn0r3</c>. Digits and
/// signs are letters inside a word that has letters, and beside one that has both; else they are gone. A word of look-alikes beside a Latin one is
/// Latin. Linear in time and space.
/// </summary>
internal sealed class LooseText : IDisposable
{
    private const int MinOdd = 2;      // one digit or sign stands in every text
    private const int Margin = 4;
    private const int MaxElided = 4;   // letters on one side of an apostrophe, of which it leaves fewer
    private const int MaxTag = 100;
    private const int MaxRemark = 32;
    private const int MinSplit = 6;    // letters that do not come about by chance at the seam of two words
    private const int MaxNumber = 4;   // digits that may be a word among words with digits

    private static readonly SearchValues<char> Marks = SearchValues.Create("*_~`\"“”„«»[]()|>#/\\=+-,{}");
    private static readonly SearchValues<char> TagLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz123");
    private static readonly FrozenSet<string> Tags = new[] { "a", "b", "big", "br", "code", "del", "div", "em", "font", "h1", "h2", "h3", "hr", "i", "ins", "li", "mark", "ol", "p", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "tr", "u", "ul", "wbr" }.ToFrozenSet(StringComparer.Ordinal);

    private CanonicalText _canonical = null!;   // until it begins
    private char[] _text = [];
    private int[] _places = [];
    private int[] _odd = [];    // letters up to here that are not plainly written
    private int[] _gaps = [];   // letters up to here before which something stands

    /// <summary>Takes in a text; the one before must be disposed of.</summary>
    /// <param name="canonical">The text, which must live as long.</param>
    public void Begin(CanonicalText canonical)
    {
        (_canonical, Length) = (canonical, 0);
        _text = ArrayPool<char>.Shared.Rent(canonical.Length);
        _places = ArrayPool<int>.Shared.Rent(canonical.Length);
        _odd = ArrayPool<int>.Shared.Rent(canonical.Length + 1);
        _gaps = ArrayPool<int>.Shared.Rent(canonical.Length + 1);
        (_odd[0], _gaps[0]) = (0, 0);
        Read(canonical.Text);
    }

    public int Length { get; private set; }

    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    /// <param name="canonical">The text, which must live as long.</param>
    public static LooseText Of(CanonicalText canonical)
    {
        var loose = new LooseText();
        loose.Begin(canonical);
        return loose;
    }

    /// <summary>Where a range stands in the original.</summary>
    public TextRange RangeOf(int start, int length) => _canonical.RangeOf(_places[start], _places[start + length - 1] - _places[start] + 1);

    /// <summary>Whether a keyword is written in another way than words are: where nothing is, the canonical text says it all. What words share by chance, as <c>foun[d an]d</c>, is not written.</summary>
    public bool IsOdd(int start, int end)
    {
        if (_odd[end] > _odd[start])
        {
            return true;
        }

        return _gaps[end] > _gaps[start + 1] && (end - start >= MinSplit || (IsApart(start) && IsApart(end)));
    }

    /// <summary>Whether enough in a range is written so.</summary>
    public bool HasOdd(int from, int to) => OddIn(from, to) >= MinOdd;

    /// <summary>How much in a range is.</summary>
    public int OddIn(int from, int to) => _odd[Math.Min(to, Length)] - _odd[Math.Max(from, 0)];

    /// <summary>Whether a third of the letters of a range is not plainly written.</summary>
    public bool IsMostlyOdd(int start, int length) => OddIn(start, start + length) * 3 >= length;

    /// <summary>The first letter from a position on that is not plainly written, or the end.</summary>
    public int NextOdd(int from)
    {
        while (from < Length && _odd[from + 1] == _odd[from])
        {
            from++;
        }

        return from;
    }

    /// <summary>The canonical text of a range, and a little on either side.</summary>
    public ReadOnlySpan<char> Around(int start, int length)
    {
        var (from, to) = (Math.Max(0, _places[start] - Margin), Math.Min(_canonical.Length, _places[start + length - 1] + 1 + Margin));
        return _canonical.Text[from..to];
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(Interlocked.Exchange(ref _text, []), clearArray: true);
        ArrayPool<int>.Shared.Return(Interlocked.Exchange(ref _places, []));
        ArrayPool<int>.Shared.Return(Interlocked.Exchange(ref _odd, []));
        ArrayPool<int>.Shared.Return(Interlocked.Exchange(ref _gaps, []));
    }

    /// <summary>Whether something stands in the text before a letter.</summary>
    private bool IsApart(int index) => index == 0 || index == Length || _places[index] - _places[index - 1] > 1;

    private void Read(ReadOnlySpan<char> text)
    {
        var (before, word) = (default(Word), NextWord(text, 0));
        while (word.End > 0)
        {
            var next = NextWord(text, word.End);
            if (word.HasLetters || ((before.IsMixed || next.IsMixed) && word.Length <= MaxNumber) || (word.Length == 1 && (before.Length == 1 || next.Length == 1)))
            {
                var isDisguised = word.LooksLatin && (before.HasLatin || next.HasLatin);
                Append(text, word, isDisguised, word.Length == 1 && (before.Length == 1 || next.Length == 1));
                word.HasLatin |= isDisguised;
            }

            (before, word) = (word, next);
        }
    }

    private static Word NextWord(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && !IsOfWord(text[from]))
        {
            from = text[from] is '<' or '/' ? EndOfMarkup(text, from) : from + 1;
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

    /// <summary>The position behind a tag of HTML that shapes text or a remark of a few words, else behind its first character.</summary>
    private static int EndOfMarkup(ReadOnlySpan<char> text, int start)
    {
        var rest = text[start..Math.Min(text.Length, start + MaxTag)];
        if (rest.StartsWith("<!--") || rest.StartsWith("/*"))
        {
            var end = rest[0] == '<' ? "-->" : "*/";
            return rest[..Math.Min(rest.Length, MaxRemark)].IndexOf(end, StringComparison.Ordinal) is >= 0 and var close ? start + close + end.Length : start + 1;
        }

        if (rest[0] != '<')
        {
            return start + 1;
        }

        var name = rest[1..].TrimStart('/');
        var length = name.IndexOfAnyExcept(TagLetters);
        return length > 0 && Tags.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name[..length]) && rest.IndexOf('>') is >= 0 and var bracket ? start + bracket + 1 : start + 1;
    }

    private void Append(ReadOnlySpan<char> text, Word word, bool isDisguised, bool isApart)
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
                var odd = (letter == text[i] || text[i] == 'l') && !isApart ? Seam(text, i, i == word.Start) : 1;
                _text[Length] = letter;
                _places[Length++] = i;
                _odd[Length] = _odd[Length - 1] + odd;
                _gaps[Length] = _gaps[Length - 1] + (Length > 1 && IsApart(Length - 1) && !(text[i - 1] is '\'' or '’' && IsApostrophe(text, i - 1)) ? 1 : 0);
            }
        }
    }

    /// <summary>How odd what stands before a letter is: nothing and a blank are plain, but something that no reader sees is not, nor are marks around words, nor a blank in a script that has none.</summary>
    private int Seam(ReadOnlySpan<char> text, int index, bool beginsWord)
    {
        var before = Length == 0 ? -1 : _places[Length - 1];
        if (index == before + 1)
        {
            return index == 0 || _canonical.Touches(index - 1) ? 0 : 1;
        }

        var gap = text[(before + 1)..index];
        if (before >= 0 && gap.IsWhiteSpace() && ((HasNoBlanks(text[before]) && HasNoBlanks(text[index])) || (gap[0] == '\n' && IsHangul(text[index]))))
        {
            return MinOdd;   // a line that was wrapped
        }

        return (beginsWord && IsInnerSign(text, index - 1)) || (gap.ContainsAny(Marks) && gap is not ("', '" or "’, ‘")) ? 1 : 0;   // words in a list are no marks' words
    }

    /// <summary>Chinese and Japanese are written without blanks.</summary>
    private static bool HasNoBlanks(char c) => c is (>= '\u3041' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF');

    private static bool IsHangul(char c) => c is >= '\uAC00' and <= '\uD7A3' or (>= '\u1100' and <= '\u11FF');

    /// <summary>What stands inside a word that was taken apart.</summary>
    private static bool IsInnerSign(ReadOnlySpan<char> text, int index) => index >= 0 && !char.IsWhiteSpace(text[index]) && text[index] is not ('"' or '(' or '[' or '*') && !(text[index] is '\'' or '’' && IsApostrophe(text, index));

    /// <summary>Whether letters are left out there, as in <c>don't</c>, <c>user's</c> and <c>l'utente</c>, or a quotation begins.</summary>
    private static bool IsApostrophe(ReadOnlySpan<char> text, int index)
    {
        var (before, behind) = (0, 0);
        while (before < MaxElided && index - before - 1 >= 0 && IsOfWord(text[index - before - 1]))
        {
            before++;
        }

        while (behind < MaxElided && index + behind + 1 < text.Length && IsOfWord(text[index + behind + 1]))
        {
            behind++;
        }

        return before < MaxElided || behind < MaxElided;
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

        public readonly int Length => End - Start;

        public readonly bool IsMixed => HasLatin && HasSigns;
    }
}
