namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Country codes of telephone numbers, and how many digits follow them (ITU-T E.164 and its list of assigned codes; Wikipedia, "List of telephone country codes").</summary>
internal static class PhoneCountries
{
    private const int LongestCode = 3;
    private const int Codes = 1000;
    private const int FewestElsewhere = 6;
    private const int MostElsewhere = 10;

    /// <summary>Codes with the fewest and the most digits behind them.</summary>
    private const string Known = """
        1:10-10 7:10-10 20:8-10 27:9-9 30:10-10 31:9-9 32:8-9 33:9-9 34:9-9 36:8-9 39:6-11 40:9-9 41:9-9 43:7-13 44:9-10 45:8-8 46:7-10 47:8-8 48:9-9 49:7-12
        51:8-9 52:10-11 53:6-8 54:10-11 55:10-11 56:9-9 57:8-10 58:10-10 60:8-10 61:9-9 62:8-12 63:8-10 64:8-10 65:8-8 66:8-9 81:9-10 82:8-11 84:9-10 86:9-11
        90:10-10 91:10-10 92:9-10 93:9-9 94:9-9 95:7-10 98:10-10 351:9-9 352:6-11 353:7-9 354:7-9 355:8-9 356:8-8 357:8-8 358:6-11 359:7-9 370:8-8 371:8-8
        372:7-8 373:8-8 374:8-8 375:9-9 376:6-9 377:8-9 378:6-10 380:9-9 381:8-9 382:8-8 383:8-8 385:8-9 386:8-8 387:8-8 389:8-8 420:9-9 421:9-9 423:7-9
        852:8-8 853:8-8 855:8-9 856:8-10 880:8-10 886:8-9 960:7-7 961:7-8 962:8-9 963:8-9 964:8-10 965:8-8 966:8-9 967:7-9 968:8-8 970:8-9 971:8-9 972:8-9
        973:8-8 974:8-8 975:7-8 976:7-8 977:8-10 992:9-9 993:8-8 994:9-9 995:9-9 996:9-9 998:9-9
        """;

    /// <summary>Codes whose numbers have six to ten digits.</summary>
    private const string Others = """
        211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 248 249 250 251 252
        253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594
        595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 850
        """;

    private static readonly (int Fewest, int Most)[] ByCode = Read();

    /// <summary>Finds the country code with which digits begin.</summary>
    public static bool TryFind(ReadOnlySpan<int> digits, out (int CodeLength, int Fewest, int Most) country)
    {
        for (var length = 1; length <= Math.Min(digits.Length, LongestCode) && digits[0] != 0; length++)
        {
            var (fewest, most) = ByCode[Digits.Number(digits[..length])];
            if (most > 0)
            {
                country = (length, fewest, most);
                return true;
            }
        }

        country = default;
        return false;
    }

    private static (int Fewest, int Most)[] Read()
    {
        var byCode = new (int Fewest, int Most)[Codes];
        foreach (var range in Others.AsSpan().SplitAny(' ', '\n'))
        {
            if (Digits.TryNumber(Others.AsSpan(range), out var code))
            {
                byCode[code] = (FewestElsewhere, MostElsewhere);
            }
        }

        foreach (var range in Known.AsSpan().SplitAny(' ', '\n'))
        {
            var entry = Known.AsSpan(range);
            var colon = entry.IndexOf(':');
            var dash = entry.IndexOf('-');
            if (colon > 0 && dash > colon && Digits.TryNumber(entry[..colon], out var code)
                && Digits.TryNumber(entry[(colon + 1)..dash], out var fewest) && Digits.TryNumber(entry[(dash + 1)..], out var most))
            {
                byCode[code] = (fewest, most);
            }
        }

        return byCode;
    }
}
