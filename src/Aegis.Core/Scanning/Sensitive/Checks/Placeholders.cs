using System.Buffers;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Values that stand for others: words, patterns of templates, rows of keys, and repetitions.</summary>
internal static class Placeholders
{
    private const int OnStack = 512;
    private const int ShortestRun = 5;
    private const int ShortestRepetition = 12;   // and shortest value whose every second character is looked at
    private const int LongestPeriod = 16;
    private const int FewestPeriods = 3;
    private const double RepeatedShare = 0.9;
    private const int LettersOfAlphabet = 26;

    /// <summary>Keys of a keyboard in order (ISO/IEC 9995).</summary>
    private const string Rows = "qwertyuiopasdfghjklzxcvbnm";

    private static readonly SearchValues<string> Words = SearchValues.Create(
        [
            "example", "placeholder", "changeme", "change_me", "change-me", "changeit", "your", "xxxx", "redacted", "insert", "replace", "sample", "dummy", "foobar",
            "fake", "fixme", "notreal", "mytoken", "myapikey", "mysecret", "_here", "-here", "****", "....", "${", "{{", "}}", "$(", "%(", "<", ">",
        ],
        StringComparison.Ordinal);

    private static readonly string[] Beginnings = ["my_", "my-", "the_", "some_", "some-"];

    private enum Order
    {
        Ascending,
        Descending,
        OfKeys,
    }

    /// <summary>
    /// Whether a value is a placeholder: it has a word of one, or half of its letters and digits (or of every second of them) stand in runs of five or more in the
    /// order of the alphabet or of the keyboard, or it, or its last three quarters, repeat themselves.
    /// </summary>
    public static bool Is(ReadOnlySpan<char> value)
    {
        Span<char> room = value.Length <= OnStack ? stackalloc char[OnStack] : new char[value.Length];
        var lower = Letters.Lower(value, room);
        if (lower.ContainsAny(Words))
        {
            return true;
        }

        foreach (var beginning in Beginnings)
        {
            if (lower.StartsWith(beginning, StringComparison.Ordinal))
            {
                return true;
            }
        }

        var text = Condense(room[..value.Length]);
        return AreRuns(text, 0, 1)
            || (text.Length >= ShortestRepetition && AreRuns(text, 0, 2) && AreRuns(text, 1, 2))
            || IsRepeated(text)
            || IsRepeated(text[(text.Length / 4)..]);
    }

    /// <summary>The letters and digits of a text in lower case, in its own place.</summary>
    private static ReadOnlySpan<char> Condense(Span<char> text)
    {
        var count = 0;
        foreach (var c in text)
        {
            var folded = c == Letters.DottedCapitalI ? 'i' : c;
            if (char.IsAsciiLetterOrDigit(folded))
            {
                text[count++] = folded;
            }
        }

        return text[..count];
    }

    /// <summary>Whether half of the characters at every so many places stand in runs.</summary>
    private static bool AreRuns(ReadOnlySpan<char> text, int start, int step)
    {
        var count = (text.Length - start + step - 1) / step;
        if (count < ShortestRun)
        {
            return false;
        }

        Span<bool> inRun = count <= OnStack ? stackalloc bool[OnStack] : new bool[count];
        inRun.Clear();
        for (var order = Order.Ascending; order <= Order.OfKeys; order++)
        {
            var first = 0;
            for (var i = 1; i <= count; i++)
            {
                if (i < count && Follows(text[start + ((i - 1) * step)], text[start + (i * step)], order))
                {
                    continue;
                }

                if (i - first >= ShortestRun)
                {
                    inRun[first..i].Fill(true);
                }

                first = i;
            }
        }

        return inRun[..count].Count(true) * 2 >= count;
    }

    private static bool Follows(char a, char b, Order order) => order switch
    {
        Order.OfKeys => Rows.IndexOf(a, StringComparison.Ordinal) is >= 0 and var key && key + 1 < Rows.Length && Rows[key + 1] == b,
        Order.Ascending => IsNext(a, b),
        _ => IsNext(b, a),
    };

    /// <summary>Whether a character is the next digit, 0 behind 9, or the next letter, a behind z.</summary>
    private static bool IsNext(char a, char b) =>
        (char.IsAsciiDigit(a) && char.IsAsciiDigit(b) && (a - '0' + 1) % 10 == b - '0')
        || (char.IsAsciiLetter(a) && char.IsAsciiLetter(b) && (a - 'a' + 1) % LettersOfAlphabet == b - 'a');

    /// <summary>Whether nine of ten characters are the same as the one a period before.</summary>
    private static bool IsRepeated(ReadOnlySpan<char> text)
    {
        if (text.Length < ShortestRepetition)
        {
            return false;
        }

        for (var period = 1; period <= Math.Min(LongestPeriod, text.Length / FewestPeriods); period++)
        {
            var same = 0;
            for (var i = period; i < text.Length; i++)
            {
                same += text[i] == text[i - period] ? 1 : 0;
            }

            if (same >= RepeatedShare * (text.Length - period))
            {
                return true;
            }
        }

        return false;
    }
}
