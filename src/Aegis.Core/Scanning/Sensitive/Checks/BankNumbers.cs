using System.Collections.Frozen;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers of accounts and banks.</summary>
internal static class BankNumbers
{
    private const int CountryLength = 2;
    private const int IbanHead = 4;   // the country and two check digits
    private const int LongestIban = 34;
    private const int LeastCheck = 2;
    private const int MostCheck = 98;
    private const int Divisor = 97;
    private const int LetterA = 10;   // what A counts
    private const int FewestKinds = 3;
    private const int RoutingLength = 9;
    private const int ShortBic = 8;
    private const int LongBic = 11;
    private const int ShortestAccount = 6;
    private const int LongestAccount = 18;

    /// <summary>What follows the check digits in each country: so many digits (n), capitals (a) or either (c) (SWIFT, IBAN Registry; ISO 13616-2).</summary>
    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Structures = """
        AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BI:23n BR:23n1a1c BY:4c4n16c CH:5n12c CR:18n CY:8n16c
        CZ:20n DE:18n DJ:23n DK:14n DO:4c20n EE:16n EG:25n ES:20n FI:14n FK:2a12n FO:14n FR:10n11c2n GB:4a14n GE:2a16n GI:4a15c GL:14n
        GR:7n16c GT:4c20c HN:4a20n HR:17n HU:24n IE:4a14n IL:19n IQ:4a15n IS:22n IT:1a10n12c JO:4a4n18c KW:4a22c KZ:3n13c LB:4n20c
        LC:4a24c LI:5n12c LT:16n LU:3n13c LV:4a13c LY:21n MC:10n11c2n MD:2c18c ME:18n MK:3n10c2n MN:16n MR:23n MT:4a5n18c MU:4a19n3a
        NI:4a20n NL:4a10n NO:11n OM:3n16c PK:4a16c PL:24n PS:4a21c PT:21n QA:4a21c RO:4a16c RS:18n RU:14n15c SA:2n18c SC:4a20n3a SD:14n
        SE:20n SI:15n SK:20n SM:1a10n12c SO:19n ST:21n SV:4a20n TL:19n TN:20n TR:6n16c UA:6n19c VA:18n VG:4a16n XK:16n YE:4a4n18c
        """
        .Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
        .ToFrozenDictionary(static entry => entry[..CountryLength], static entry => entry[(CountryLength + 1)..], StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Countries (ISO 3166-1) and Kosovo.</summary>
    private static readonly WordSet Countries = new("""
        AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ
        DE DJ DK DM DO DZ EC EE EG ES ET FI FJ FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT
        JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ
        NA NC NE NG NI NL NO NP NR NZ OM PA PE PF PG PH PK PL PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SK SL SM SN SO SR SS ST SV SX SY SZ
        TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
        """);

    private static ReadOnlySpan<byte> RoutingWeights => [3, 7, 1, 3, 7, 1, 3, 7, 1];

    /// <summary>Whether a value is an IBAN: its country's structure, and its check digits (ISO 13616-1; ISO/IEC 7064, MOD 97-10).</summary>
    public static bool IsIban(ReadOnlySpan<char> value)
    {
        var code = Letters.CodeOf(value, stackalloc char[LongestIban]);
        return code.Length > IbanHead
            && Structures.TryGetValue(code[..CountryLength], out var structure)
            && Has(code[IbanHead..], structure)
            && Digits.TryNumber(code[CountryLength..IbanHead], out var check) && check is >= LeastCheck and <= MostCheck
            && Letters.Kinds(code[IbanHead..]) >= FewestKinds
            && Remainder(code[..IbanHead], Remainder(code[IbanHead..], 0)) == 1;
    }

    /// <summary>Whether a value is a routing number of the American Bankers Association: a district of the Federal Reserve and the last digit (Wikipedia, "ABA routing transit number").</summary>
    public static bool IsRoutingNumber(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[RoutingLength]);
        return digits.Length == RoutingLength
            && Digits.AreVaried(digits)
            && Digits.Number(digits[..2]) is (>= 1 and <= 12) or (>= 21 and <= 32) or (>= 61 and <= 72) or 80
            && Digits.Sum(digits, RoutingWeights) % 10 == 0;
    }

    /// <summary>Whether a value is a code of a bank: a country, and no place that only tests have (ISO 9362; Wikipedia, "ISO 9362").</summary>
    public static bool IsBic(ReadOnlySpan<char> value) =>
        value.Length is ShortBic or LongBic && Countries.Contains(value[4..6]) && value[6] is not ('0' or '1') && value[7] != 'O';

    /// <summary>Whether a value can be a number of an account: six to eighteen digits, three of them different and not all in order. There is no common checksum.</summary>
    public static bool IsAccount(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[LongestAccount]);
        return digits.Length >= ShortestAccount && Digits.Kinds(digits) >= FewestKinds && Digits.Ascending.IndexOf(digits) < 0;
    }

    private static bool Has(ReadOnlySpan<char> rest, string structure)
    {
        var at = 0;
        var count = 0;
        foreach (var c in structure)
        {
            if (char.IsAsciiDigit(c))
            {
                count = (count * 10) + (c - '0');
                continue;
            }

            for (; count > 0; count--)
            {
                if (at == rest.Length || !IsOf(c, rest[at]))
                {
                    return false;
                }

                at++;
            }
        }

        return at == rest.Length;
    }

    private static bool IsOf(char kind, char c) => kind switch
    {
        'n' => char.IsAsciiDigit(c),
        'a' => char.IsAsciiLetterUpper(c),
        _ => char.IsAsciiLetterOrDigit(c),
    };

    /// <summary>What is left of a code as a number, A being 10 and Z 35, when it is divided by 97.</summary>
    private static int Remainder(ReadOnlySpan<char> code, int before)
    {
        var remainder = before;
        foreach (var c in code)
        {
            remainder = (char.IsAsciiDigit(c) ? (remainder * 10) + (c - '0') : (remainder * 100) + (c - 'A') + LetterA) % Divisor;
        }

        return remainder;
    }
}
