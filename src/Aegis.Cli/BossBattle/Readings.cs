using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Cli.BossBattle;

/// <summary>Everything that a text can be read as by somebody who tries everything: each spelling undone, two on top of each other too.</summary>
internal static partial class Readings
{
    private const int Depth = 2;
    private const int MostCharacters = 8_000;
    private const int FewestHidden = 8;   // characters that carry a text inside others
    private const string LookAlikes = "асеорхуіјѕАВСЕНІКМΝОРТХΥο";
    private const string Latin = "aceopxyijsABCEHIKMNOPTXYo";
    private const string LeetTo = "aeiost";
    private const string Leet = "431057";

    private static readonly Func<string, string>[] Undo =
    [
        static text => Base64().Replace(text, static run => Decoded(run.Value) ?? run.Value),
        static text => Hex().Replace(text, static run => Printable(Convert.FromHexString(run.Value)) ?? run.Value),
        static text => Bits().Replace(text, static run => Printable([.. run.Value.Split(' ').Select(static bits => Convert.ToByte(bits, 2))]) ?? run.Value),
        Uri.UnescapeDataString,
        WebUtility.HtmlDecode,
        static text => Escape().Replace(text, static escape => ((char)int.Parse(escape.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()),
        static text => Rotated(text, 13),
        static text => Rotated(text, 23),   // three back
        static text => Map(text, static c => char.IsAsciiLetterLower(c) ? (char)('a' + 'z' - c) : char.IsAsciiLetterUpper(c) ? (char)('A' + 'Z' - c) : c),
        Reversed,
        static text => string.Join(' ', text.Split(' ').Reverse()),
        static text => string.Join(' ', text.Split(' ').Select(Reversed)),
        static text => Map(text, static c => Leet.IndexOf(c, StringComparison.Ordinal) is var at and >= 0 ? LeetTo[at] : c),
        static text => Doubled().Replace(text, static pair => pair.Groups[1].Value == pair.Groups[2].Value ? pair.Groups[1].Value : pair.Value),
        static text => string.Join(' ', text.Split(' ').Select(static word => word is [.. var rest, var first, 'a', 'y'] && rest.Length > 0 ? $"{first}{rest}" : word)),
        static text => Markup().Replace(text, ""),
        static text => text.Replace("\" + \"", "", StringComparison.Ordinal),
        static text => string.Concat(Named().Matches(text).Select(static piece => piece.Groups[1].Value)),
    ];

    /// <summary>The text as it stands, and its readings, each once.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        text = text.Length > MostCharacters ? text[..MostCharacters] : text;
        var all = new List<string> { Plain(text), Plain(Hidden(text)) };
        var known = new HashSet<string>(all, StringComparer.Ordinal);
        for (var (from, depth) = (0, 0); depth < Depth; depth++)
        {
            var to = all.Count;
            for (; from < to; from++)
            {
                foreach (var undo in Undo)
                {
                    var reading = Plain(Undone(undo, all[from]));
                    if (reading.Length is > 0 and <= MostCharacters && known.Add(reading))
                    {
                        all.Add(reading);
                    }
                }
            }
        }

        return all;
    }

    /// <summary>Letters as letters: no marks on them, none that only look alike, nothing between them that nobody sees.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in Whole(text).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.PrivateUse:   // marks text from outside
                    plain.Append(' ');
                    break;
                case UnicodeCategory.Format or UnicodeCategory.NonSpacingMark:
                    break;
                default:
                    plain.Append(rune.IsBmp && LookAlikes.IndexOf((char)rune.Value, StringComparison.Ordinal) is var at and >= 0 ? Latin[at].ToString() : rune.ToString());
                    break;
            }
        }

        return plain.ToString();
    }

    private static string Undone(Func<string, string> undo, string text)
    {
        try
        {
            return undo(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return "";   // what looks like a code and is none
        }
    }

    /// <summary>What is written in characters that are not shown: tags (Unicode, block E0000), or bytes as variation selectors.</summary>
    private static string Hidden(string text)
    {
        var tags = new StringBuilder();
        var bytes = new List<byte>();
        foreach (var value in Whole(text).EnumerateRunes().Select(static rune => rune.Value))
        {
            switch (value)
            {
                case >= 0xE0020 and <= 0xE007E:
                    tags.Append((char)(value - 0xE0000));
                    break;
                case >= 0xFE00 and <= 0xFE0F:
                    bytes.Add((byte)(value - 0xFE00));
                    break;
                case >= 0xE0100 and <= 0xE01EF:
                    bytes.Add((byte)(value - 0xE0100 + 16));
                    break;
            }
        }

        return (tags.Length >= FewestHidden ? tags.ToString() : "") + (bytes.Count >= FewestHidden ? Printable([.. bytes]) : "");
    }

    /// <summary>Without halves of pairs, which nothing can be made of.</summary>
    private static string Whole(string text) => string.Concat(text.EnumerateRunes().Select(static rune => rune.ToString()));

    private static string Reversed(string text) => string.Concat(text.EnumerateRunes().Reverse().Select(static rune => rune.ToString()));

    private static string Rotated(string text, int by) => Map(text, c => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + by) % 26)) : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + by) % 26)) : c);

    private static string Map(string text, Func<char, char> change) => string.Concat(text.Select(change));

    private static string? Decoded(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written) ? Printable(bytes[..written]) : null;
    }

    private static string? Printable(byte[] bytes) => Encoding.UTF8.GetString(bytes) is var text && !text.Any(static c => c == '\uFFFD' || (char.IsControl(c) && !char.IsWhiteSpace(c))) ? text : null;

    [GeneratedRegex("[A-Za-z0-9+/]{8,}={0,2}", RegexOptions.NonBacktracking)]
    private static partial Regex Base64();

    [GeneratedRegex("([0-9A-Fa-f]{2}){4,}", RegexOptions.NonBacktracking)]
    private static partial Regex Hex();

    [GeneratedRegex("[01]{8}( [01]{8})+", RegexOptions.NonBacktracking)]
    private static partial Regex Bits();

    [GeneratedRegex(@"\\u[0-9A-Fa-f]{4}", RegexOptions.NonBacktracking)]
    private static partial Regex Escape();

    [GeneratedRegex("([A-Za-z])([A-Za-z])", RegexOptions.NonBacktracking)]
    private static partial Regex Doubled();

    [GeneratedRegex("<!--[^<>]*-->|</?[A-Za-z]+>", RegexOptions.NonBacktracking)]
    private static partial Regex Markup();

    [GeneratedRegex("[A-Za-z] = \"([^\"]*)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Named();
}
