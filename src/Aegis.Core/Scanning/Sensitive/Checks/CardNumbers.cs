namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Numbers of payment cards.</summary>
internal static class CardNumbers
{
    private const int PrefixLength = 4;
    private const int Shortest = 12;
    private const int Longest = 19;

    /// <summary>The first four digits of an issuer's cards, from and to, and how many digits they have at least and at most (Wikipedia, "Payment card number").</summary>
    private static readonly (int First, int Last, int Fewest, int Most)[] Issuers =
    [
        (4000, 4999, 13, 13), (4000, 4999, 16, 16), (4000, 4999, 19, 19),   // Visa
        (5100, 5599, 16, 16), (2221, 2720, 16, 16),                         // Mastercard
        (3400, 3499, 15, 15), (3700, 3799, 15, 15),                         // American Express
        (6011, 6011, 16, 19), (6440, 6599, 16, 19),                         // Discover
        (3500, 3599, 16, 19), (2131, 2131, 15, 15), (1800, 1800, 15, 15),   // JCB
        (3000, 3059, 14, 14), (3095, 3095, 14, 14), (3600, 3699, 14, 14), (3800, 3999, 14, 14),   // Diners Club
        (6200, 6299, 16, 19), (8100, 8199, 16, 19),                         // UnionPay
        (2200, 2204, 16, 19),                                               // Mir
        (5000, 5099, 12, 19), (5600, 5899, 12, 19), (6000, 6999, 12, 19),   // Maestro
    ];

    /// <summary>Prefixes that are enough without a word for a card nearby.</summary>
    private static readonly (int First, int Last)[] Common =
    [
        (4000, 4999), (5100, 5599), (2221, 2720), (6011, 6011), (6440, 6599), (3528, 3589), (6200, 6299), (2200, 2204),
        (5018, 5018), (5020, 5020), (5038, 5038), (5893, 5893), (6304, 6304), (6759, 6759), (6761, 6763),
    ];

    /// <summary>Whether a value is a card number: its issuer's prefix and length, and its last digit (ISO/IEC 7812-1, Luhn).</summary>
    public static bool IsCard(ReadOnlySpan<char> value) => IsCard(Digits.Of(value, stackalloc int[Longest]));

    /// <summary>Whether a value is a card number of an issuer whose prefixes few other numbers have (ISO/IEC 7812-1, Luhn).</summary>
    public static bool IsCommonCard(ReadOnlySpan<char> value)
    {
        var digits = Digits.Of(value, stackalloc int[Longest]);
        if (!IsCard(digits))
        {
            return false;
        }

        var prefix = Digits.Number(digits[..PrefixLength]);
        foreach (var (first, last) in Common)
        {
            if (prefix >= first && prefix <= last)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsCard(ReadOnlySpan<int> digits)
    {
        if (digits.Length < Shortest || !Digits.AreVaried(digits) || !Digits.PassLuhn(digits))
        {
            return false;
        }

        var prefix = Digits.Number(digits[..PrefixLength]);
        foreach (var (first, last, fewest, most) in Issuers)
        {
            if (prefix >= first && prefix <= last && digits.Length >= fewest && digits.Length <= most)
            {
                return true;
            }
        }

        return false;
    }
}
