using System.Buffers;
using System.Text;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Values that people choose as passwords, and what stands in their place: words of forms, code, names and measures. There is no standard; the lists are our own.</summary>
internal static class Passwords
{
    private const int Shortest = 6;
    private const int ShortestGiven = 4;
    private const int Longest = 128;
    private const int FewestLetters = 2;
    private const int LongestPin = 5;

    /// <summary>Signs that people put into passwords.</summary>
    private static readonly SearchValues<char> Signs = SearchValues.Create("!@#$%^&*?+~=|");

    /// <summary>First characters of variables, templates, paths and masks.</summary>
    private static readonly SearchValues<char> NoFirst = SearchValues.Create("$%{<#@&*.:/\\");
    private static readonly SearchValues<char> NoFirstGiven = SearchValues.Create("$%{<#@&*[(:\\");
    private static readonly SearchValues<char> NoLastGiven = SearchValues.Create("}>)]%");

    /// <summary>Values that are no secret.</summary>
    private static readonly WordSet Dummies = new("""
        password passwd passwort pass pwd secret user username admin root test guest none null nil true false string str text empty hidden unset undefined required
        optional changeme letmein default value token key foo bar baz foobar abc abc123 test123 xyz demo pass123 user123 pwd123 secret123 admin123 123456 pw p4ss
        """);

    /// <summary>What code calls the object that has its settings.</summary>
    private static readonly WordSet Owners = new("self this config settings options args params request req env os process");

    /// <summary>Parts of values that are none.</summary>
    private static readonly SearchValues<string> DummyParts = SearchValues.Create(
        [
            "passw", "pass_", "_pass", "-pass", "pass-", "pwd", "your", "example", "changeme", "change_me", "xxx", "secret", "***", "...", "redacted", "placeholder",
            "dummy", "masked", "hunter2", "passphrase", "tr0ub4dor", "correcthorse",
        ],
        StringComparison.Ordinal);

    /// <summary>Whether a value is one of the words that stand for a password.</summary>
    public static bool IsDummy(ReadOnlySpan<char> value) => Dummies.ContainsLower(value);

    /// <summary>Whether a value behind the word password, in any text, is one: letters with digits or signs, and no placeholder, code, name, version, measure or address.</summary>
    public static bool Is(ReadOnlySpan<char> value)
    {
        if (Letters.Count(value) is < Shortest or > Longest || IsMadeUp(value) || NoFirst.Contains(value[0]))
        {
            return false;
        }

        var (letters, digits, signs) = (0, 0, 0);
        foreach (var c in value)
        {
            letters += char.IsAsciiLetter(c) ? 1 : 0;
            digits += char.IsAsciiDigit(c) ? 1 : 0;
            signs += Signs.Contains(c) ? 1 : 0;
        }

        return letters >= FewestLetters
            && digits + signs > 0
            && !(digits == 0 && Randomness.IsReadable(value, digits))
            && !IsMember(value)
            && !PasswordShapes.IsAlgorithm(value)
            && !PasswordShapes.IsMeasure(value)
            && !PlainShapes.BeginsWithDate(value)
            && !PlainShapes.IsUuid(value)
            && !PlainShapes.BeginsWithHash(value)
            && !PasswordShapes.IsEmail(value)
            && !PasswordShapes.IsVersion(value)
            && (signs == 0 ? !PasswordShapes.IsName(value) && !(value.ContainsAny('.', '_', '-') && Randomness.IsReadable(value, digits)) : !PasswordShapes.IsText(value, digits));
    }

    /// <summary>Whether a value is a password where only one can stand (a connection string, a URL, a login): any that is no placeholder, template, number of a few digits or repetition of one character.</summary>
    public static bool IsGiven(ReadOnlySpan<char> value) =>
        Letters.Count(value) is >= ShortestGiven and <= Longest
        && !IsMadeUp(value)
        && !NoFirstGiven.Contains(value[0])
        && !NoLastGiven.Contains(value[^1])
        && !IsOneCharacter(value)
        && !IsPin(value)
        && HasLetterOrDigit(value);

    private static bool IsMadeUp(ReadOnlySpan<char> value)
    {
        var lower = Letters.Lower(value, stackalloc char[2 * Longest]);
        return IsDummy(value) || IsDummy(Plain(value, stackalloc char[2 * Longest])) || IsVariable(value) || lower.ContainsAny(DummyParts) || Placeholders.Is(value);
    }

    /// <summary>Letters and digits of ASCII alone.</summary>
    private static ReadOnlySpan<char> Plain(ReadOnlySpan<char> value, Span<char> plain)
    {
        var length = 0;
        foreach (var c in value)
        {
            if (char.IsAsciiLetterOrDigit(c) && length < plain.Length)
            {
                plain[length++] = c;
            }
        }

        return plain[..length];
    }

    /// <summary>Whether a value is the name of a variable of an environment: capitals in parts.</summary>
    private static bool IsVariable(ReadOnlySpan<char> value)
    {
        var parts = value.IndexOf('_');
        if (parts < FewestLetters || value[^1] == '_' || value.IndexOf("__") >= 0)
        {
            return false;
        }

        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsAsciiLetterUpper(value[i]) && (i < parts || (value[i] != '_' && !char.IsAsciiDigit(value[i]))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a value is a member of what code calls its settings.</summary>
    private static bool IsMember(ReadOnlySpan<char> value) => value.IndexOfAny('.', '_') is > 0 and var end && Owners.Contains(value[..end]);

    private static bool IsPin(ReadOnlySpan<char> value)
    {
        foreach (var c in value)
        {
            if (!char.IsDigit(c))
            {
                return false;
            }
        }

        return value.Length <= LongestPin;
    }

    private static bool IsOneCharacter(ReadOnlySpan<char> value)
    {
        Rune? first = null;
        foreach (var rune in value.EnumerateRunes())
        {
            var lower = Rune.ToLowerInvariant(rune);
            first ??= lower;
            if (lower != first)
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasLetterOrDigit(ReadOnlySpan<char> value)
    {
        foreach (var rune in value.EnumerateRunes())
        {
            if (Rune.IsLetter(rune) || Rune.IsNumber(rune))
            {
                return true;
            }
        }

        return false;
    }
}
