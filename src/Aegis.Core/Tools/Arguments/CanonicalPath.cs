using System.Buffers;
using System.Globalization;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Tools.Arguments;

/// <summary>A path in one form: absolute, <c>/</c> between its names, no <c>.</c> and <c>..</c>. Pure text: the disk is not asked.</summary>
/// <param name="Root"><c>/</c>, <c>c:/</c> or <c>//server/share/</c>.</param>
/// <param name="Names">The names below it.</param>
internal sealed record CanonicalPath(string Root, IReadOnlyList<string> Names)
{
    public const int MaxLength = 4_096;

    private const int MaxNames = 128;

    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    private static readonly SearchValues<char> NoName = SearchValues.Create("<>\"|?*:");

    /// <summary>Whether it is one of Windows, where case does not count.</summary>
    public bool IsWindows => Root.Length > 1;

    /// <summary>Whether a root of a policy, or an absolute path, is written as Windows does.</summary>
    public static bool LooksLikeWindows(string text) => text is [_, ':', ..] && char.IsAsciiLetter(text[0]) || text.StartsWith(@"\\", StringComparison.Ordinal);

    /// <summary>One path, for the folders that a policy names; null when it is relative or can be read in several ways.</summary>
    public static CanonicalPath? TryParse(string text) => Readings(text, LooksLikeWindows(text), null, out var readings) is null && readings is [var only] ? only : null;

    /// <summary>
    /// Every path that a reader may take a text for: with or without percent-decoding, in each layer of it, and where both systems are possible with
    /// <c>\</c> as a separator and as a letter.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="isWindows">Whether it is read as Windows does.</param>
    /// <param name="start">Where a relative path starts; null: it is refused.</param>
    /// <param name="readings">The paths.</param>
    /// <returns>Why it cannot be read; null when it can.</returns>
    public static string? Readings(string text, bool isWindows, CanonicalPath? start, out List<CanonicalPath> readings)
    {
        readings = [];
        if (text.Length is 0 or > MaxLength)
        {
            return "is empty or too long";
        }

        if (PercentDecoding.Layers(text) is not { } layers)
        {
            return "is encoded in a way that has several readings";
        }

        foreach (var layer in layers)
        {
            if (MistakeIn(layer) is { } mistake)
            {
                return mistake;
            }

            if ((isWindows ? Windows(layer, start, readings) : Posix(layer, start, readings)) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>Whether it is a folder, or in it.</summary>
    public bool IsUnder(CanonicalPath folder)
    {
        var comparison = IsWindows ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (!string.Equals(Root, folder.Root, StringComparison.OrdinalIgnoreCase) || Names.Count < folder.Names.Count)
        {
            return false;
        }

        for (var i = 0; i < folder.Names.Count; i++)
        {
            if (!string.Equals(Names[i], folder.Names[i], comparison))
            {
                return false;
            }
        }

        return true;
    }

    public override string ToString() => Root + string.Join('/', Names);

    /// <summary>What no reader takes for a path, or only some do.</summary>
    private static string? MistakeIn(string text)
    {
        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            return "begins or ends with a space";
        }

        if (!LookAlikeMarks.IsText(text))
        {
            return "is no text";
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return "has a control character";
            }

            if (LookAlikeMarks.IsOfPath(rune))
            {
                return "has a character that looks like a separator or a dot";
            }
        }

        var scheme = text.AsSpan().IndexOfAnyExcept(SchemeCharacters);
        return text[0] is '~' or '～' ? "starts at somebody's home"
            : text[0] == '$' || (text[0] == '%' && text.IndexOf('%', 1) > 1 && !(char.IsAsciiHexDigit(text[1]) && char.IsAsciiHexDigit(text[2]))) ? "starts with a variable"
            : scheme > 1 && text[scheme] == ':' && char.IsAsciiLetter(text[0]) ? "is a URL, or a file of a scheme"
            : null;
    }

    private static string? Posix(string text, CanonicalPath? start, List<CanonicalPath> readings)
    {
        // On Windows a backslash separates, elsewhere it is a letter. Both may be meant.
        if (text is [_, ':', ..] && char.IsAsciiLetter(text[0]))
        {
            return "has a drive";
        }

        if (text is ['/' or '\\', '/' or '\\', ..])
        {
            return "is a network path";
        }

        return Resolve(text.Split('/'), text[0] == '/' ? new("/", []) : start, readings)
            ?? (text.Contains('\\') ? Resolve(text.Split('/', '\\'), text[0] is '/' or '\\' ? new("/", []) : start, readings) : null);
    }

    private static string? Windows(string text, CanonicalPath? start, List<CanonicalPath> readings)
    {
        var names = text.Split('/', '\\');
        if (names is ["", "", _, _, ..])
        {
            return names[2] is "?" or "." ? "is a device path" : names is [_, _, { Length: > 0 } server, { Length: > 0 } share, ..] && MistakeInName(server) is null && MistakeInName(share) is null
                ? Resolve(names.AsSpan(4), new($"//{server.ToLowerInvariant()}/{share.ToLowerInvariant()}/", []), readings, MistakeInName) : "is a network path without a share";
        }

        if (names[0].Length > 1 && names[0][1] == ':')
        {
            return names[0].Length == 2 && names.Length > 1 && char.IsAsciiLetter(text[0]) ? Resolve(names.AsSpan(1), new($"{char.ToLowerInvariant(text[0])}:/", []), readings, MistakeInName) : "starts where a drive stands";
        }

        return names[0].Length == 0 ? "has no drive" : Resolve(names, start, readings, MistakeInName);
    }

    private static string? Resolve(ReadOnlySpan<string> names, CanonicalPath? start, List<CanonicalPath> readings, Func<string, string?>? mistakeIn = null)
    {
        if (start is null)
        {
            return "is relative";
        }

        var resolved = new List<string>(start.Names);
        foreach (var name in names)
        {
            if (name == "..")
            {
                if (resolved.Count == 0)
                {
                    return "climbs above its root";
                }

                resolved.RemoveAt(resolved.Count - 1);
            }
            else if (name is not ("" or "."))
            {
                if (name[^1] == '.' || char.IsWhiteSpace(name[^1]) || IsDots(name))
                {
                    return "has a name that ends in a dot or a space";   // Windows leaves them out
                }

                if (mistakeIn?.Invoke(name) is { } mistake)
                {
                    return mistake;
                }

                resolved.Add(name);
            }
        }

        if (resolved.Count > MaxNames)
        {
            return "is too deep";
        }

        var path = new CanonicalPath(start.Root, resolved);
        if (!readings.Exists(known => string.Equals(known.ToString(), path.ToString(), StringComparison.Ordinal)))
        {
            readings.Add(path);
        }

        return null;
    }

    /// <summary>Dots among characters that some file systems leave out.</summary>
    private static bool IsDots(string name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.Value is not ('.' or ';') && !Rune.IsWhiteSpace(rune) && !Confusables.IsInvisible(rune))
            {
                return false;
            }
        }

        return true;
    }

    private static string? MistakeInName(string name) =>
        name.AsSpan().ContainsAny(NoName) ? "has a stream of a file, or a character that no name has"
        : IsDevice(name) ? "is a device"
        : name.AsSpan().IndexOf('~') is >= 0 and var at && at + 1 < name.Length && char.IsAsciiDigit(name[at + 1]) ? "has a short name, which stands for another"
        : null;

    private static bool IsDevice(string name)
    {
        var stem = (name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[..dot] : name).TrimEnd(' ').ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$" || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)) && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³'));
    }
}
