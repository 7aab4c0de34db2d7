using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Tools.Arguments;

/// <summary>A host in one form: an address in its usual spelling, or a name in lower-case ASCII.</summary>
/// <param name="Name">The address, or the name as DNS has it.</param>
/// <param name="Address">The address; null for a name.</param>
/// <param name="Shown">The name as people see it.</param>
internal sealed record CanonicalHost(string Name, IPAddress? Address, string Shown)
{
    private const int MaxName = 253;
    private const int MaxLabel = 63;

    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly SearchValues<char> GlobCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_*?");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> SixCharacters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = true };

    public bool IsPrivate => Address is null ? AddressSpace.IsPrivate(Name) : AddressSpace.IsPrivate(Address);

    /// <summary>Reads a host as it stands in a URL; null when clients read it in several ways or in none.</summary>
    public static CanonicalHost? TryParse(string text)
    {
        if (text is ['[', .., ']'])
        {
            return Six(text[1..^1]);
        }

        var labels = (text is [.. var all, '.'] ? all : text).Split('.');
        for (var i = 0; i < labels.Length; i++)
        {
            if (Label(labels[i]) is not { } label)
            {
                return null;
            }

            labels[i] = label;
        }

        var name = string.Join('.', labels);
        return name.Length > MaxName ? null
            : IsNumber(labels[^1]) ? Four(labels)
            : new(name, null, string.Join('.', labels.Select(Unicode)));
    }

    /// <summary>The form in which globs over hosts are matched; null when it is none.</summary>
    public static string? CanonicalGlob(string text)
    {
        if (ValueGlob.IsExact(text))
        {
            return (IPAddress.TryParse(text, out var address) && text.Contains(':') ? Six(text) : TryParse(text))?.Name;
        }

        var labels = text.TrimEnd('.').Split('.');
        for (var i = 0; i < labels.Length; i++)
        {
            if (ValueGlob.IsExact(labels[i]))
            {
                if (Label(labels[i]) is not { } label)
                {
                    return null;
                }

                labels[i] = label;
            }
            else
            {
                labels[i] = labels[i].ToLowerInvariant();
                if (labels[i].AsSpan().ContainsAnyExcept(GlobCharacters))
                {
                    return null;
                }
            }
        }

        return string.Join('.', labels);
    }

    /// <summary>A name of ASCII characters as people see it.</summary>
    public static string Unicode(string label)
    {
        try
        {
            return label.StartsWith("xn--", StringComparison.Ordinal) ? Idn.GetUnicode(label) : label;
        }
        catch (ArgumentException)
        {
            return label;
        }
    }

    private static string? Label(string label)
    {
        if (label.Length == 0)
        {
            return null;
        }

        if (!Ascii.IsValid(label))
        {
            return Encoded(label);
        }

        label = label.ToLowerInvariant();
        return label.Length > MaxLabel || label.AsSpan().ContainsAnyExcept(LabelCharacters) || label[0] == '-' || label[^1] == '-' ? null
            : label.StartsWith("xn--", StringComparison.Ordinal) ? (Unicode(label) is var shown && !Ascii.IsValid(shown) && string.Equals(Encoded(shown), label, StringComparison.Ordinal) ? label : null)
            : label;
    }

    /// <summary>
    /// The ASCII form of a label. Letters on which the standards of 2003 and 2008 differ, and characters that mapping turns into others, are read in
    /// two ways. A runtime without Unicode data cannot tell them, and reads none.
    /// </summary>
    private static string? Encoded(string label)
    {
        if (!LookAlikeMarks.IsText(label))
        {
            return null;
        }

        var lower = label.Normalize(NormalizationForm.FormC).ToLowerInvariant();
        foreach (var rune in lower.EnumerateRunes())
        {
            if (Confusables.IsInvisible(rune) || Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || rune.Value is 0xDF or 0x3C2 or 0x3002 or 0x1E9E or 0x2024
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol)
            {
                return null;
            }
        }

        if (!LookAlikeMarks.CanNormalize || !string.Equals(lower.Normalize(NormalizationForm.FormKC), lower, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            var encoded = Idn.GetAscii(lower);
            return encoded.Length <= MaxLabel && encoded.StartsWith("xn--", StringComparison.Ordinal) && string.Equals(Unicode(encoded), lower, StringComparison.Ordinal) ? encoded : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsNumber(string label) => char.IsAsciiDigit(label[0]) && (label.All(char.IsAsciiDigit) || (label is ['0', 'x', ..] && !label.AsSpan(2).ContainsAnyExcept(HexDigits)));

    /// <summary>Up to four parts, decimal or hexadecimal, the last one for all bytes that are left. A leading zero is octal for some and nothing for others.</summary>
    private static CanonicalHost? Four(string[] parts)
    {
        if (parts.Length > 4)
        {
            return null;
        }

        ulong address = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var isHex = parts[i] is ['0', 'x', _, ..];
            var max = i < parts.Length - 1 ? 0xFF : 0xFFFFFFFF >> (8 * i);
            if (parts[i] is ['0', not 'x', ..] || !ulong.TryParse(isHex ? parts[i].AsSpan(2) : parts[i], isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var part) || part > max)
            {
                return null;
            }

            address |= part << (i < parts.Length - 1 ? 8 * (3 - i) : 0);
        }

        return Of(new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]));
    }

    private static CanonicalHost? Six(string text) =>
        !text.AsSpan().ContainsAnyExcept(SixCharacters) && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? Of(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address) : null;

    private static CanonicalHost Of(IPAddress address) => new(address.ToString(), address, address.ToString());
}
