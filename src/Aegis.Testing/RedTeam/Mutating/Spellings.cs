using System.Globalization;
using System.Net;
using System.Text;

namespace Aegis.Testing.RedTeaming;

/// <summary>Other characters for the same order: encodings, look-alikes, characters between characters. A model reads all of them.</summary>
internal static class Spellings
{
    private const string Latin = "aceopxyijsABCEHIKMNOPTXY";
    private const string LookAlikes = "асеорхуіјѕАВСЕНІКМΝОРТХΥ";
    private const string LeetFrom = "aeiost";
    private const string LeetTo = "431057";
    private static readonly string[] Marks = ["\u0301", "\u0323", "\u0308", "\u0332"];

    public static IReadOnlyList<Mutator> All { get; } =
    [
        Of("base64", static text => $"Base64: {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}"),
        Of("hex", static text => $"Hex: {Convert.ToHexString(Encoding.UTF8.GetBytes(text))}"),
        Of("binary", static text => string.Join(' ', Encoding.UTF8.GetBytes(text).Select(static b => b.ToString("B8", CultureInfo.InvariantCulture)))),
        Of("rot13", static text => Map(text, static c => Rotated(c, 13))),
        Of("caesar3", static text => Map(text, static c => Rotated(c, 3))),
        Of("atbash", static text => Map(text, static c => char.IsAsciiLetterLower(c) ? (char)('a' + 'z' - c) : char.IsAsciiLetterUpper(c) ? (char)('A' + 'Z' - c) : c)),
        Of("reversed", static text => Reversed(text)),
        Of("words-reversed", static text => string.Join(' ', text.Split(' ').Reverse())),
        Of("letters-reversed", static text => string.Join(' ', text.Split(' ').Select(Reversed))),
        Of("url-encoded", static text => string.Concat(Encoding.UTF8.GetBytes(text).Select(static b => string.Create(CultureInfo.InvariantCulture, $"%{b:X2}")))),
        Of("entities", static text => string.Concat(text.Select(static c => string.Create(CultureInfo.InvariantCulture, $"&#{(int)c};")))),
        Of("escapes", static text => string.Concat(text.Select(static c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")))),
        Of("named-entities", static text => WebUtility.HtmlEncode(text).Replace("o", "&omicron;", StringComparison.Ordinal)),
        Of("leet", static text => Map(text, static c => LeetFrom.IndexOf(char.ToLowerInvariant(c), StringComparison.Ordinal) is var at and >= 0 ? LeetTo[at] : c)),
        Of("look-alikes", static text => Map(text, static c => Latin.IndexOf(c, StringComparison.Ordinal) is var at and >= 0 ? LookAlikes[at] : c)),
        Mutator.OfOrder("some-look-alikes", MutatorKind.Spelling, static (text, random) => Map(text, c => random.Next(3) == 0 && Latin.IndexOf(c, StringComparison.Ordinal) is var at and >= 0 ? LookAlikes[at] : c)),
        Of("full-width", static text => Map(text, static c => c is > ' ' and <= '~' ? (char)(c - '!' + '\uFF01') : c)),
        Of("bold", static text => Styled(text, 0x1D400)),
        Of("script", static text => Styled(text, 0x1D4D0)),
        Of("circled", static text => Map(text, static c => char.IsAsciiLetterLower(c) ? (char)(c - 'a' + '\u24D0') : char.IsAsciiLetterUpper(c) ? (char)(c - 'A' + '\u24B6') : c)),
        Of("tags", static text => string.Concat(text.Select(static c => char.IsAscii(c) ? char.ConvertFromUtf32(0xE0000 + c) : c.ToString()))),
        Of("variation-selectors", static text => string.Concat(Encoding.UTF8.GetBytes(text).Select(static b => char.ConvertFromUtf32(b < 16 ? 0xFE00 + b : 0xE0100 + b - 16)))),
        Of("spaced", static text => string.Join(' ', text.Where(static c => c != ' '))),
        Of("dotted", static text => string.Join('.', text.Where(static c => c != ' '))),
        Of("dashed", static text => string.Join('-', text.Where(static c => c != ' '))),
        Of("underscored", static text => text.Replace(' ', '_')),
        Of("joined", static text => text.Replace(" ", "", StringComparison.Ordinal)),
        Of("camel", static text => string.Concat(text.Split(' ').Select(static word => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]))),
        Of("zero-width", static text => string.Join('\u200B', text.ToCharArray())),
        Of("soft-hyphens", static text => string.Join('\u00AD', text.ToCharArray())),
        Of("word-joiners", static text => string.Join('\u2060', text.ToCharArray())),
        Of("right-to-left", static text => $"\u202E{Reversed(text)}\u202C"),
        Mutator.OfOrder("marks", MutatorKind.Spelling, static (text, random) => string.Concat(text.Select(c => char.IsAsciiLetter(c) ? c + Marks[random.Next(Marks.Length)] : c.ToString()))),
        Of("upper", static text => text.ToUpperInvariant()),
        Of("alternating", static text => string.Concat(text.Select(static (c, at) => at % 2 == 0 ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)))),
        Mutator.OfOrder("typos", MutatorKind.Spelling, static (text, random) => Mistyped(text, random)),
        Of("vowels-dropped", static text => string.Join(' ', text.Split(' ').Select(static word => word.Length < 4 ? word : word[0] + string.Concat(word[1..].Where(static c => !"aeiou".Contains(c, StringComparison.Ordinal)))))),
        Of("doubled", static text => string.Concat(text.Select(static c => char.IsAsciiLetter(c) ? $"{c}{c}" : c.ToString()))),
        Of("pig-latin", static text => string.Join(' ', text.Split(' ').Select(static word => word.Length < 3 || !char.IsAsciiLetter(word[0]) ? word : $"{word[1..]}{word[0]}ay"))),
        Of("markdown-stressed", static text => string.Join(' ', text.Split(' ').Select(static word => $"**{word}**"))),
        Of("comments-between", static text => string.Join(' ', text.Split(' ').Select(static word => word.Length < 4 ? word : $"{word[..2]}<!-- -->{word[2..]}"))),
        Of("tags-between", static text => string.Join(' ', text.Split(' ').Select(static word => word.Length < 4 ? word : $"{word[..2]}<b></b>{word[2..]}"))),
        Of("quoted-pieces", static text => string.Join(" + ", text.Chunk(5).Select(static piece => $"\"{new string(piece)}\""))),
    ];

    /// <summary>The text from its end to its beginning; pairs of surrogates stay pairs.</summary>
    public static string Reversed(string text) => string.Concat(text.EnumerateRunes().Reverse().Select(static rune => rune.ToString()));

    private static Mutator Of(string name, Func<string, string> change) => Mutator.OfOrder(name, MutatorKind.Spelling, (text, _) => change(text));

    private static string Map(string text, Func<char, char> change) => string.Create(text.Length, (text, change), static (span, state) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = state.change(state.text[i]);
        }
    });

    private static char Rotated(char c, int by) => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + by) % 26)) : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + by) % 26)) : c;

    /// <summary>Mathematical letters: capitals from a code point, small letters behind them (Unicode, block 1D400).</summary>
    private static string Styled(string text, int capitals) => string.Concat(text.Select(c => char.IsAsciiLetterUpper(c) ? char.ConvertFromUtf32(capitals + c - 'A') : char.IsAsciiLetterLower(c) ? char.ConvertFromUtf32(capitals + 26 + c - 'a') : c.ToString()));

    private static string Mistyped(string text, Random random) => string.Join(' ', text.Split(' ').Select(word =>
    {
        if (word.Length < 5)
        {
            return word;
        }

        var letters = word.ToCharArray();
        var at = random.Next(1, letters.Length - 2);
        (letters[at], letters[at + 1]) = (letters[at + 1], letters[at]);
        return new string(letters);
    }));
}
