namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Addresses of houses. There is no standard for what is none; the lists are our own, made on texts (compare UPU S42 and USPS Publication 28).</summary>
internal static class PostalAddresses
{
    private const int LongestHouse = 6;
    private const int YearLength = 4;
    private const int EarliestYear = 1900;
    private const int LatestYear = 2099;
    private const int PostalCodeLength = 5;
    private const string Article = " The ";
    private const string MailBehindE = "-mail";
    private const char ChineseRoad = '路';

    /// <summary>What stands before the road in Chinese words that are no streets: circuits, ideas, highways.</summary>
    private const string ChineseNoRoads = "线公铁电道思套网回马";

    private static readonly string[] Units = ["Apt", "Apartment", "#"];

    /// <summary>Words for roads, before which few words are none of a name.</summary>
    private static readonly WordSet Roads = new("Street St Avenue Ave Road Rd Boulevard Blvd Lane Ln");

    /// <summary>Words for streets that have other meanings.</summary>
    private static readonly WordSet Ways = new("""
        Drive Dr Court Ct Place Pl Square Sq Terrace Ter Crescent Cres Close Way Parkway Pkwy Highway Hwy Circle Cir Trail Trl Loop Alley Row Walk Mews Gardens Grove
        Hill Rise View Quay Plaza Turnpike Expressway
        """);

    /// <summary>Words that no road is named.</summary>
    private static readonly WordSet NoNamesOfRoads = new("this that the my your our their his her same any some");

    /// <summary>Words that stand before the other meanings: a hard drive, a supreme court, the first place.</summary>
    private static readonly WordSet NoNamesOfWays = new("""
        hard google flash test usb disk disc pen thumb hour minute mile block full whole sharing shared network tape external internal warp four front rear left one two
        three four only best no long easy new right wrong half milky any some first second third fourth last next supreme high district federal circuit tennis food
        perfect chi root mean least market sesame this that the your my our their his her
        """);

    /// <summary>Names of services that have numbers and no houses.</summary>
    private static readonly WordSet Services = new("""
        Email Mail Zoom Phone Sms SMS Google Twitter Facebook Whatsapp WhatsApp Chat Web Slack Skype Telegram Teams Api API Http HTTP Https HTTPS Usb USB Bluetooth Wifi
        WiFi GitHub Github Internet Ssh SSH Vpn VPN
        """);

    /// <summary>Whether a value with the number first is an address: the number is no year, unless a flat or a postal code follows, and the word before the street's is part of a name.</summary>
    public static bool IsWithNumberFirst(ReadOnlySpan<char> value)
    {
        var at = 0;
        while (at < value.Length && char.IsAsciiDigit(value[at]))
        {
            at++;
        }

        var behind = at < value.Length && char.IsAsciiLetter(value[at]) ? at + 1 : at;
        if (!Digits.TryNumber(value[..at], out var house) || at > LongestHouse || behind == value.Length || !char.IsWhiteSpace(value[behind]))
        {
            return true;   // another shape, which says enough
        }

        var isYear = at == YearLength && house is >= EarliestYear and <= LatestYear;
        return house > 0 && (!isYear || HasFlat(value) || HasPostalCode(value)) && !BeginsWithArticle(value) && !IsNoName(value);
    }

    /// <summary>Whether a value with the number behind is an address: the number is no year and not 0, and no service stands before it.</summary>
    public static bool IsWithNumberBehind(ReadOnlySpan<char> value)
    {
        var at = 0;
        var number = Digits.NextRun(value, ref at);
        return number.ContainsAnyInRange('1', '9')
            && !(number.Length == YearLength && Digits.TryNumber(number, out var year) && year is >= EarliestYear and <= LatestYear)
            && !HasService(value);
    }

    /// <summary>Whether a value in Chinese or Japanese is an address: what stands before the number is a street and not a word that ends as one.</summary>
    public static bool IsChineseOrJapanese(ReadOnlySpan<char> value)
    {
        for (var i = 2; i < value.Length; i++)
        {
            if (char.IsAsciiDigit(value[i]) && value[i - 1] == ChineseRoad && ChineseNoRoads.Contains(value[i - 2], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasFlat(ReadOnlySpan<char> value)
    {
        for (var start = 0; start < value.Length; start++)
        {
            foreach (var unit in Units)
            {
                if (!value[start..].StartsWith(unit, StringComparison.Ordinal))
                {
                    continue;
                }

                var at = start + unit.Length;
                at += at < value.Length && value[at] == '.' ? 1 : 0;
                at += at < value.Length && char.IsWhiteSpace(value[at]) ? 1 : 0;
                at += at < value.Length && value[at] == '#' ? 1 : 0;
                if (at < value.Length && char.IsAsciiDigit(value[at]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether two capitals, a space and five digits stand in a value, as a state and a ZIP code do.</summary>
    private static bool HasPostalCode(ReadOnlySpan<char> value)
    {
        for (var i = 1; i < value.Length; i++)
        {
            if (!char.IsAsciiLetterUpper(value[i - 1]) || !char.IsAsciiLetterUpper(value[i]))
            {
                continue;
            }

            var space = i + 1 < value.Length && value[i + 1] == ',' ? i + 2 : i + 1;
            var end = space + 1 + PostalCodeLength;
            if (end <= value.Length && char.IsWhiteSpace(value[space]) && !value[(space + 1)..end].ContainsAnyExceptInRange('0', '9'))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether <c>The</c> and another word follow the number.</summary>
    private static bool BeginsWithArticle(ReadOnlySpan<char> value)
    {
        var space = 0;
        while (space < value.Length && !char.IsWhiteSpace(value[space]))
        {
            space++;
        }

        if (space == 0 || !value[space..].StartsWith(Article, StringComparison.Ordinal))
        {
            return false;
        }

        var at = space + Article.Length;
        var word = NextWord(value, ref at);
        return word.Length > 0 && at - word.Length == space + Article.Length && at < value.Length && value[at] == ' ';
    }

    /// <summary>Whether the word before the first word for a street is none of a name.</summary>
    private static bool IsNoName(ReadOnlySpan<char> value)
    {
        for (var at = 0; NextWord(value, ref at) is { IsEmpty: false } word;)
        {
            var next = at < value.Length && value[at] == '.' ? at + 1 : at;
            if (next == value.Length || !char.IsWhiteSpace(value[next]))
            {
                continue;
            }

            var end = next + 1;
            var street = NextWord(value, ref end);
            if (end - street.Length != next + 1)
            {
                continue;
            }

            if (Roads.Contains(street))
            {
                return NoNamesOfRoads.ContainsLower(word);
            }

            if (Ways.Contains(street))
            {
                return NoNamesOfWays.ContainsLower(word);
            }
        }

        return false;
    }

    private static bool HasService(ReadOnlySpan<char> value)
    {
        for (var at = 0; NextWord(value, ref at) is { IsEmpty: false } word;)
        {
            var isElectronicMail = word is "E" && value[at..].StartsWith(MailBehindE, StringComparison.Ordinal)
                && (at + MailBehindE.Length == value.Length || !Letters.IsOfWord(value[at + MailBehindE.Length]));
            if (isElectronicMail || Services.Contains(word))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The next word in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where it is looked for; becomes the position behind it.</param>
    private static ReadOnlySpan<char> NextWord(ReadOnlySpan<char> text, ref int at)
    {
        while (at < text.Length && !Letters.IsOfWord(text[at]))
        {
            at++;
        }

        var start = at;
        while (at < text.Length && Letters.IsOfWord(text[at]))
        {
            at++;
        }

        return text[start..at];
    }
}
