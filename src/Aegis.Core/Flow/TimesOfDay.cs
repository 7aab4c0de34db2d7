namespace Aegis.Flow;

/// <summary>Times of day as people say them and as data has them: <c>3pm</c>, <c>3:30</c>, <c>15:00</c>, <c>2026-11-27T15:00</c>.</summary>
internal static class TimesOfDay
{
    /// <summary>Adds the times that a text names, as hours and minutes; one that may be of the morning or of the afternoon as both.</summary>
    public static void Add(string text, HashSet<string> times)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text[i]) || (i > 0 && (char.IsAsciiDigit(text[i - 1]) || text[i - 1] is '.' or ':' or '-')))
            {
                continue;
            }

            var at = i;
            var hour = Number(text, ref at);
            var minute = 0;
            var hasMinute = at + 2 < text.Length && text[at] is ':' && char.IsAsciiDigit(text[at + 1]) && char.IsAsciiDigit(text[at + 2]);
            if (hasMinute)
            {
                at++;
                minute = Number(text, ref at);
            }

            var rest = text.AsSpan(at).TrimStart(' ');
            var (isMorning, isAfternoon) = (Begins(rest, "am") || Begins(rest, "a.m"), Begins(rest, "pm") || Begins(rest, "p.m"));
            i = at;
            if (hour < 0 || minute < 0 || hour > 23 || minute > 59 || !(hasMinute || isMorning || isAfternoon))
            {
                continue;
            }

            if (!isAfternoon)
            {
                times.Add(Form(isMorning && hour == 12 ? 0 : hour, minute));
            }

            if (!isMorning && hour < 12)
            {
                times.Add(Form(hour + 12, minute));
            }
            else if (isAfternoon && hour == 12)
            {
                times.Add(Form(12, minute));
            }
        }
    }

    /// <summary>Whether a value is a time, or a date with one, of these.</summary>
    public static bool In(string value, IReadOnlySet<string> times)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (value.Length <= 64)
        {
            Add(value.Replace('T', ' '), found);
        }

        return found.Overlaps(times);
    }

    /// <summary>Whether a value is a date, a time or both, which names nothing.</summary>
    public static bool IsOne(string value) =>
        value.Length <= 32 && value.AsSpan().ContainsAnyInRange('0', '9') && value.AsSpan().ContainsAny('-', ':', '/')
        && (DateTimeOffset.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out _) || TimeOnly.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _));

    private static bool Begins(ReadOnlySpan<char> text, string word) => text.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (text.Length == word.Length || !char.IsLetter(text[word.Length]));

    private static int Number(string text, ref int at)
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - from <= 2 ? int.Parse(text.AsSpan(from, at - from), System.Globalization.CultureInfo.InvariantCulture) : -1;
    }

    private static string Form(int hour, int minute) => FormattableString.Invariant($"{hour:00}:{minute:00}");
}
