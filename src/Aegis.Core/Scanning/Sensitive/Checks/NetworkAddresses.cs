namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Addresses of devices in networks.</summary>
internal static class NetworkAddresses
{
    private const int Octets = 4;
    private const int MostOctet = 255;
    private const int AddressBits = 32;
    private const int FirstMulticast = 224;
    private const int Loopback = 127;
    private const int Private = 10;
    private const int LeastPlainOctet = 100;   // versions and sections have no such part
    private const int Groups = 8;
    private const int GroupLength = 4;
    private const int LongestIpv6 = 45;        // six groups, and an IPv4 address behind them
    private const int FewestGroupDigits = 14;  // of an address of eight groups; times have fewer
    private const int FewestKinds = 3;
    private const int MacLength = 12;

    private const string Hexadecimal = "0123456789abcdef";
    private const string Documentation = "3fff";   // RFC 9637

    /// <summary>Addresses that people make up.</summary>
    private static readonly WordSet NoMacs = new("0123456789ab 001122334455 aabbccddeeff deadbeef0000 112233445566");

    /// <summary>Whether a value is an IPv4 address of a device that cannot be a version or a section: a part of three digits, or a first part of 10 (RFC 791; RFC 1918).</summary>
    public static bool IsPlainIpv4(ReadOnlySpan<char> value)
    {
        Span<int> octets = stackalloc int[Octets];
        return TryIpv4(value, octets) && (octets[0] == Private || octets.ContainsAnyInRange(LeastPlainOctet, MostOctet));
    }

    /// <summary>Whether a value is an IPv4 address of a device: none of a network, the loopback, multicast, documentation, or all zeros behind the first part (RFC 791; RFC 6890; RFC 5737).</summary>
    public static bool IsIpv4(ReadOnlySpan<char> value) => TryIpv4(value, stackalloc int[Octets]);

    /// <summary>Whether a value is an IPv6 address of a device: global unicast, unique local or link-local if groups are left out, and none of documentation (RFC 4291; RFC 4193; RFC 3849; RFC 9637).</summary>
    public static bool IsIpv6(ReadOnlySpan<char> value)
    {
        Span<char> room = stackalloc char[LongestIpv6];
        var zone = value.IndexOf('%');
        var text = WithoutIpv4(zone < 0 ? value : value[..zone], room);
        var gap = text.IndexOf("::", StringComparison.Ordinal);
        if (text.IsEmpty || text.Contains(":::", StringComparison.Ordinal) || (gap >= 0 ? text[(gap + 2)..].Contains("::", StringComparison.Ordinal) : text[0] == ':'))
        {
            return false;
        }

        Span<Range> groups = stackalloc Range[Groups];
        var (count, ahead) = (0, 0);   // groups, and those before the gap
        foreach (var range in text.Split(':'))
        {
            var (start, length) = range.GetOffsetAndLength(text.Length);
            if (length > GroupLength || (length > 0 && count == Groups))
            {
                return false;
            }

            if (length > 0)
            {
                groups[count++] = range;
                ahead += gap < 0 || start < gap ? 1 : 0;
            }
        }

        if (!text.ContainsAnyInRange('0', '9') || (gap < 0 ? count != Groups : count is < 2 or Groups) || ahead == 0)
        {
            return false;
        }

        var first = text[groups[0]];
        var isDocumentation = first.Equals(Documentation, StringComparison.OrdinalIgnoreCase) || (first is "2001" && ahead > 1 && IsDb8(text[groups[1]]));
        return !isDocumentation && (gap < 0 ? IsVaried(text, groups) : IsOfDevice(first));
    }

    /// <summary>Whether a value is a MAC address: six bytes with one kind of separator, and not one that people make up (IEEE 802; Wikipedia, "MAC address").</summary>
    public static bool IsMac(ReadOnlySpan<char> value)
    {
        Span<char> digits = stackalloc char[MacLength];
        var count = 0;
        foreach (var c in value)
        {
            if (c is ':' or '.' or '-')
            {
                continue;
            }

            if (count == MacLength)
            {
                return false;
            }

            digits[count++] = Letters.Lower(c);
        }

        return count == MacLength && Letters.Kinds(digits) >= FewestKinds && !(value.Contains(':') && value.Contains('-')) && !NoMacs.Contains(digits);
    }

    private static bool TryIpv4(ReadOnlySpan<char> value, Span<int> octets)
    {
        var slash = value.IndexOf('/');
        return TryOctets(slash < 0 ? value : value[..slash], octets)
            && (slash < 0 || IsOfHost(octets, value[(slash + 1)..]))
            && octets is not ([0 or Loopback or >= FirstMulticast, ..] or [192, 0, 2, _] or [198, 51, 100, _] or [203, 0, 113, _] or [_, 0, 0, 0]);
    }

    private static bool TryOctets(ReadOnlySpan<char> text, Span<int> octets)
    {
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (count == Octets || (part.Length > 1 && part[0] == '0') || !Digits.TryNumber(part, out var octet) || octet > MostOctet)
            {
                return false;
            }

            octets[count++] = octet;
        }

        return count == Octets;
    }

    /// <summary>Whether an address with the length of a prefix is one of a device in the network, not the network.</summary>
    private static bool IsOfHost(ReadOnlySpan<int> octets, ReadOnlySpan<char> prefix)
    {
        if (!Digits.TryNumber(prefix, out var length) || length > AddressBits)
        {
            return false;
        }

        var address = 0L;
        foreach (var octet in octets)
        {
            address = (address << 8) + octet;
        }

        return length == AddressBits || (address & ((1L << (AddressBits - length)) - 1)) != 0;
    }

    /// <summary>An IPv6 address with its last 32 bits as two groups.</summary>
    /// <returns>It; nothing if it is none or does not fit.</returns>
    private static ReadOnlySpan<char> WithoutIpv4(ReadOnlySpan<char> text, Span<char> room)
    {
        if (text.Length > room.Length || !text.Contains('.'))
        {
            return text.Length > room.Length ? [] : text;
        }

        Span<int> octets = stackalloc int[Octets];
        var colon = text.LastIndexOf(':');
        if (!TryOctets(text[(colon + 1)..], octets))
        {
            return [];
        }

        var length = Math.Max(colon, 0);
        text[..length].CopyTo(room);
        for (var i = 0; i < Octets; i += 2)
        {
            if (!TryAppend((octets[i] << 8) | octets[i + 1], room, ref length))
            {
                return [];
            }
        }

        return room[..length];
    }

    private static bool TryAppend(int group, Span<char> room, ref int length)
    {
        if (length + 1 + GroupLength > room.Length)
        {
            return false;
        }

        room[length++] = ':';
        for (var shift = 12; shift >= 0; shift -= 4)
        {
            if (shift == 0 || group >> shift != 0)
            {
                room[length++] = Hexadecimal[(group >> shift) & 0xF];
            }
        }

        return true;
    }

    private static bool IsDb8(ReadOnlySpan<char> group) => group.Equals("db8", StringComparison.OrdinalIgnoreCase) || group.Equals("0db8", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether groups are those of an address and not of a time or a list of pairs.</summary>
    private static bool IsVaried(ReadOnlySpan<char> text, ReadOnlySpan<Range> groups)
    {
        var (digits, longest, kinds) = (0, 0, 0);
        for (var i = 0; i < groups.Length; i++)
        {
            var group = text[groups[i]];
            digits += group.Length;
            longest = Math.Max(longest, group.Length);
            var isNew = true;
            for (var j = 0; j < i; j++)
            {
                isNew &= !group.SequenceEqual(text[groups[j]]);
            }

            kinds += isNew ? 1 : 0;
        }

        return digits >= FewestGroupDigits && longest > 2 && kinds >= FewestKinds;
    }

    private static bool IsOfDevice(ReadOnlySpan<char> group) =>
        group.Length == GroupLength && (Letters.Lower(group[0]), Letters.Lower(group[1]), Letters.Lower(group[2])) switch
        {
            ('2' or '3', _, _) => true,
            ('f', 'c' or 'd', _) => true,
            ('f', 'e', '8' or '9' or 'a' or 'b') => true,
            _ => false,
        };
}
