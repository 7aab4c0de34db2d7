namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>How random a value is.</summary>
internal static class Randomness
{
    private const int FewestLetters = 4;
    private const int FewestDigits = 2;       // or one,
    private const int FewestOfEachCase = 3;   // and so many letters of each case
    private const int HexDigits = 6;          // from which on a value of hexadecimal digits is not read as words
    private const int FewestPairs = 4;
    private const double ReadableShare = 0.62;

    /// <summary>The pairs of letters that are most common in words of English, German, French, Spanish, Italian and Latin.</summary>
    private static readonly WordSet CommonPairs = new("""
        ab ac ad ag ai al am an ap ar as at av ay ba be bl ca ce ch ci ck cl cm co cr ct cu da de di do ea ec ed ee el em en ep er es et ev ex fe fi fo fr ge gi gr
        ha he hi ho ia ic id ie if ig il im in io ip ir is it iv ke la ld le li ll lo ls lt lu ly ma me mi mo mp na nc nd ne ng ni no ns nt ny oc od of ol om on oo
        op or os ot ou ov ow pa pe pl po pr pt qu ra rd re ri rm rn ro rs rt ru ry sa sc se sh si so sp ss st su sv ta te th ti to tr ts tt tu ty uc ue ul um un
        ur us ut va ve vi wa we wh wi wo yo
        """);

    /// <summary>Bits per character of a value (C. E. Shannon, "A Mathematical Theory of Communication", 1948; Wikipedia, "Entropy (information theory)").</summary>
    public static double Entropy(ReadOnlySpan<char> value)
    {
        var length = Letters.Count(value);
        var sum = 0.0;
        for (var at = 0; at < value.Length;)
        {
            var character = value.Slice(at, at + 1 < value.Length && char.IsSurrogatePair(value[at], value[at + 1]) ? 2 : 1);
            if (value[..at].IndexOf(character) < 0)
            {
                var share = value.Count(character) / (double)length;
                sum += share * Math.Log2(share);
            }

            at += character.Length;
        }

        return -sum;
    }

    /// <summary>Whether a value has so many bits per character (Shannon, 1948) and is no placeholder.</summary>
    public static bool HasEntropy(ReadOnlySpan<char> value, double least) => Entropy(value) >= least && !Placeholders.Is(value);

    /// <summary>
    /// Whether a value has so many bits per character (Shannon, 1948) and looks like one that a machine made: letters and digits, and no placeholder, UUID, date,
    /// hash with its algorithm, path, address, or words.
    /// </summary>
    public static bool IsRandom(ReadOnlySpan<char> value, double least)
    {
        if (value.IsEmpty || !HasEntropy(value, least))
        {
            return false;
        }

        var (upper, lower, digits) = (0, 0, 0);
        foreach (var c in value)
        {
            upper += char.IsAsciiLetterUpper(c) ? 1 : 0;
            lower += char.IsAsciiLetterLower(c) ? 1 : 0;
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        }

        return upper + lower >= FewestLetters
            && (digits >= FewestDigits || (digits > 0 && upper >= FewestOfEachCase && lower >= FewestOfEachCase))
            && !PlainShapes.IsUuid(value)
            && !PlainShapes.BeginsWithDate(value)
            && !PlainShapes.BeginsWithHash(value)
            && value[0] is not ('/' or '.')
            && !value.Contains("//", StringComparison.Ordinal)
            && !IsReadable(value, digits);
    }

    /// <summary>Whether a value reads like words: most pairs of its letters are common ones.</summary>
    public static bool IsReadable(ReadOnlySpan<char> value, int digits)
    {
        if (digits >= HexDigits && PlainShapes.IsHexadecimal(value))
        {
            return false;
        }

        var (pairs, common) = (0, 0);
        for (var i = 1; i < value.Length; i++)
        {
            if (char.IsAsciiLetter(value[i - 1]) && char.IsAsciiLetter(value[i]))
            {
                pairs++;
                common += CommonPairs.ContainsLower(value.Slice(i - 1, 2)) ? 1 : 0;
            }
        }

        return pairs >= FewestPairs && common / (double)pairs >= ReadableShare;
    }
}
