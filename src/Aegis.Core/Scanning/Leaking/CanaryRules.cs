using System.Globalization;
using System.Text;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;
using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning.Leaking;

/// <summary>
/// The forms in which an answer may say a canary token: as it is, in other letters, with other characters between, backwards, in ROT13, each character
/// encoded or not, in hexadecimal, decimal or binary numbers, in Base64 and Base32 (RFC 4648) at any place of what else is encoded.
/// </summary>
internal static class CanaryRules
{
    /// <summary>What ids of findings begin with.</summary>
    public const string Ids = "canary/";

    /// <summary>Letters and digits of a token, at least.</summary>
    public const int LeastLetters = 8;

    /// <summary>Characters of a token, at most.</summary>
    public const int MaxLength = 128;

    private const int LongToken = 16;   // letters and digits that tell a token without its ends from all else
    private const int Between = 6;   // characters between two of a token's, at most
    private const int OfMark = 3;    // that stand for a mark of the token, at most: it, between tags
    private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static readonly Lazy<ILookup<char, string>> LookAlikes = new(FindLookAlikes);
    private static readonly PatternNode Zeros = new PatternNode.Repeat(One('0'), 0, 6);
    private static readonly PatternNode Digit = Class("0-9", "a-f", "A-F");
    private static readonly PatternNode Other = Or(
        Class(isNegated: true, "0-9", "a-z", "A-Z"),
        Then(Or(One('%'), Text("%25"), One('='), Text("\\x")), Digit, Digit),
        Then(Text("\\u"), Digit, Digit, Digit, Digit),
        Then(Text("\\u{"), new PatternNode.Repeat(Digit, 1, 6), One('}')),
        Then(Text("&#"), new PatternNode.Repeat(Class("x-x", "X-X"), 0, 1), new PatternNode.Repeat(Digit, 1, 6), One(';')),
        Then(One('&'), new PatternNode.Repeat(Class("a-z", "A-Z"), 2, 8), One(';')),
        Then(One('<'), new PatternNode.Repeat(One('/'), 0, 1), new PatternNode.Repeat(Class("a-z", "A-Z"), 1, 8), One('>')));
    private static readonly PatternNode Break = new PatternNode.Repeat(Class(isNegated: true, "0-9", "a-z", "A-Z", "+-+", "/-/", "---", "_-_"), 0, Between);
    private static readonly PatternNode Mark = new PatternNode.Repeat(Or(Then(One('\\'), Class("x-x", "u-u")), Then(One('0'), Class("x-x", "b-b")), One('%'), Then(One('&'), One('#'), new PatternNode.Repeat(Class("x-x", "X-X"), 0, 1))), 0, 1);

    /// <summary>What a token that <c>aegis canary new</c> makes begins with. Only what stands behind it is secret.</summary>
    public const string Prefix = "aegis-canary-";

    /// <summary>What of a token must not be said.</summary>
    public static string SecretOf(string token) => token.StartsWith(Prefix, StringComparison.Ordinal) && LettersOf(token[Prefix.Length..]).Length >= LeastLetters ? token[Prefix.Length..] : token;

    /// <summary>Letters and digits of a token, in lower case.</summary>
    public static string LettersOf(string token) => string.Concat(token.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>One rule for each kind of form.</summary>
    public static IEnumerable<SensitiveRule> Of(string token)
    {
        var lower = token.ToLowerInvariant();
        var backwards = string.Concat(lower.Reverse());
        yield return Rule("plain", Spelt(lower));
        yield return Rule("reversed", Spelt(backwards));
        yield return Rule("rot13", Or(Spelt(Rot13(lower)), Spelt(Rot13(backwards))));
        var core = LettersOf(token).Length >= LongToken ? token[2..^2] : token;   // of what is encoded, parts may be cut off
        string[] variants = [.. new[] { core, core.ToLowerInvariant(), core.ToUpperInvariant(), string.Concat(core.Reverse()) }.Distinct(StringComparer.Ordinal)];
        byte[][] bytes = [.. variants.Select(Encoding.UTF8.GetBytes), .. variants.Select(Encoding.Unicode.GetBytes)];
        yield return Rule("numbers", Or([.. bytes.SelectMany(Numbers)]));
        yield return Rule("base64", Or([.. bytes.SelectMany(static text => Encoded(text, Base64, group: 3, bits: 6))]));
        yield return Rule("base32", Or([.. bytes.SelectMany(static text => Encoded(text, Base32, group: 5, bits: 5))]));
    }

    private static SensitiveRule Rule(string form, PatternNode value) => new(Ids + form, SensitiveKind.Secret, "CANARY", value) { IsAnywhere = true };

    /// <summary>Each letter in any form that reads as it.</summary>
    private static PatternNode.Sequence Spelt(string token)
    {
        var parts = new List<PatternNode>();
        var gap = Between;
        foreach (var letter in token)
        {
            if (!char.IsLetterOrDigit(letter))
            {
                gap += OfMark;
                continue;
            }

            if (parts.Count > 0)
            {
                parts.Add(new PatternNode.Repeat(Other, 0, gap));
            }

            gap = Between;
            var (lower, upper) = (letter, char.ToUpperInvariant(letter));
            var forms = new List<PatternNode> { One(lower) };
            forms.AddRange(lower == upper ? [] : [One(upper)]);
            forms.AddRange(LookAlikes.Value[letter].Select(Text));
            forms.AddRange(new[] { lower, upper }.Distinct().Where(char.IsAscii).SelectMany(static c => Escapes(c)));
            parts.Add(Or([.. forms]));
        }

        return new(parts);
    }

    private static IEnumerable<PatternNode> Escapes(char c)
    {
        var hex = ((int)c).ToString("x2", CultureInfo.InvariantCulture);
        yield return Then(One('%'), new PatternNode.Repeat(Text("25"), 0, 1), AnyCase.Of(Text(hex)));
        yield return Then(One('='), AnyCase.Of(Text(hex)));
        yield return Then(One('\\'), Or(One('x'), Text("u00"), Text("U000000"), Then(Text("u{"), Zeros)), AnyCase.Of(Text(hex)), new PatternNode.Repeat(One('}'), 0, 1));
        yield return Then(Text("&#"), Or(Then(Zeros, Text(((int)c).ToString(CultureInfo.InvariantCulture))), Then(Class("x-x", "X-X"), Zeros, AnyCase.Of(Text(hex)))), new PatternNode.Repeat(One(';'), 0, 1));
    }

    private static IEnumerable<PatternNode> Numbers(byte[] bytes)
    {
        yield return Joined(Break, bytes.Select(static b => Then(Mark, AnyCase.Of(Text(b.ToString("x2", CultureInfo.InvariantCulture))))));
        yield return Joined(new PatternNode.Repeat(Class(isNegated: true, "0-9", "a-z", "A-Z"), 1, Between), bytes.Select(static b => Then(Mark, new PatternNode.Repeat(One('0'), 0, 1), Text(b.ToString(CultureInfo.InvariantCulture)))));
        yield return Joined(Break, bytes.Select(static b => Text(b.ToString("d3", CultureInfo.InvariantCulture))));
        yield return Joined(Break, bytes.Select(static b => Then(Mark, Text(b.ToString("b8", CultureInfo.InvariantCulture)))));
    }

    /// <summary>Bytes as a part of others: what only they say, for each place in a group.</summary>
    private static IEnumerable<PatternNode> Encoded(byte[] bytes, string alphabet, int group, int bits)
    {
        for (var before = 0; before < group; before++)
        {
            var first = ((8 * before) + bits - 1) / bits;
            var end = 8 * (before + bytes.Length) / bits;
            yield return Joined(Break, Enumerable.Range(first, end - first).Select(digit => Letter(alphabet, ValueAt(bytes, (digit * bits) - (8 * before), bits))));
        }
    }

    private static int ValueAt(byte[] bytes, int bit, int bits)
    {
        var value = 0;
        for (var i = bit; i < bit + bits; i++)
        {
            value = (value << 1) | ((bytes[i / 8] >> (7 - (i % 8))) & 1);
        }

        return value;
    }

    private static PatternNode Letter(string alphabet, int value) => (alphabet[value], alphabet.Length) switch
    {
        ('+', _) => Class("+-+", "---"),
        ('/', _) => Class("/-/", "_-_"),
        (var c, 32) when char.IsAsciiLetter(c) => Or(One(c), One(char.ToLowerInvariant(c))),
        var (c, _) => One(c),
    };

    private static string Rot13(string letters) => string.Concat(letters.Select(static c => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : c));

    /// <summary>What reads as a letter or a digit: in full width, in a circle, in the letters of mathematics, in another script.</summary>
    private static ILookup<char, string> FindLookAlikes()
    {
        (int From, int To)[] ranges = [(0xA0, 0xD7FF), (0xF900, 0xFFFD), (0x1D400, 0x1D7FF), (0x1F100, 0x1F1FF), (0x1FBF0, 0x1FBF9)];
        return ranges.SelectMany(static range => Enumerable.Range(range.From, range.To - range.From + 1))
            .Select(static value => new Rune(value).ToString())
            .Select(static text => (Text: text, Folded: CanonicalText.Fold(text)))
            .Select(static form => form.Folded is [var letter] && letter >= 0x80 && Confusables.Letter(letter) is var other and not '\0' ? form with { Folded = other.ToString() } : form)
            .Where(static form => form.Folded is [var letter] && char.IsAsciiLetterOrDigit(letter))
            .ToLookup(static form => char.ToLowerInvariant(form.Folded[0]), static form => form.Text);
    }

    private static PatternNode.Sequence Joined(PatternNode between, IEnumerable<PatternNode> parts) => new([.. parts.SelectMany((part, i) => i == 0 ? [part] : new[] { between, part })]);

    private static PatternNode Text(string text) => text.Length == 1 ? One(text[0]) : new PatternNode.Sequence([.. text.Select(One)]);

    private static PatternNode One(char c) => PatternNode.Literal.Of(c);

    private static PatternNode.Sequence Then(params PatternNode[] parts) => new(parts);

    private static PatternNode Or(params PatternNode[] options) => options.Length == 1 ? options[0] : new PatternNode.Choice(options);

    private static PatternNode.Class Class(params string[] ranges) => Class(isNegated: false, ranges);

    private static PatternNode.Class Class(bool isNegated, params string[] ranges) => new(isNegated, [.. ranges.Select(static range => (range[0], range[^1]))], "");
}
