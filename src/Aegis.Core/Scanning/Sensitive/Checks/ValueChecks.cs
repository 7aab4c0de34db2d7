using System.Globalization;

namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>The checks of values by the names that rules give them.</summary>
internal static class ValueChecks
{
    private const char ArgumentMark = ':';

    /// <summary>The check of a name, which may have an argument behind a colon, as <c>entropy:3.0</c>; null for an empty name: every value passes.</summary>
    /// <exception cref="ArgumentException">There is no such check, or its argument is no number.</exception>
    public static ValueCheck? Named(string name)
    {
        var mark = name.IndexOf(ArgumentMark, StringComparison.Ordinal);
        return mark < 0 ? Plain(name) : WithArgument(name[..mark], name[(mark + 1)..], name);
    }

    private static ValueCheck? Plain(string name) => name switch
    {
        "" => null,

        "account" => BankNumbers.IsAccount,
        "aba" => BankNumbers.IsRoutingNumber,
        "bic" => BankNumbers.IsBic,
        "card" => CardNumbers.IsCard,
        "card16" => CardNumbers.IsCommonCard,
        "iban" => BankNumbers.IsIban,

        "at-svnr" => CentralEuropeanIds.IsAustrianSocialNumber,
        "au-medicare" => OtherIds.IsMedicareNumber,
        "au-tfn" => OtherIds.IsTaxFileNumber,
        "be-nrn" => WesternEuropeanIds.IsBelgianNumber,
        "br-cnpj" => AmericanIds.IsCnpj,
        "br-cpf" => AmericanIds.IsCpf,
        "ca-sin" => AmericanIds.IsSocialInsuranceNumber,
        "ch-ahv" => CentralEuropeanIds.IsSwissSocialNumber,
        "cn-rid" => AsianIds.IsChineseNumber,
        "de-ausweis" => CentralEuropeanIds.IsGermanIdentityCard,
        "de-steuer-id" => CentralEuropeanIds.IsGermanTaxNumber,
        "dk-cpr" => NordicIds.IsDanishNumber,
        "es-dni" => SouthernEuropeanIds.IsSpanishNumber,
        "fi-hetu" => NordicIds.IsFinnishCode,
        "fr-nir" => WesternEuropeanIds.IsFrenchSocialNumber,
        "il-id" => OtherIds.IsIsraeliNumber,
        "in-aadhaar" => AsianIds.IsAadhaar,
        "it-cf" => SouthernEuropeanIds.IsItalianCode,
        "itin" => AmericanIds.IsTaxpayerNumber,
        "jp-mynumber" => AsianIds.IsJapaneseNumber,
        "kr-rrn" => AsianIds.IsCheckedKoreanNumber,
        "kr-rrn-date" => AsianIds.IsKoreanNumber,
        "mx-curp" => AmericanIds.IsCurp,
        "nhs" => BritishIds.IsHealthServiceNumber,
        "nino" => BritishIds.IsNationalInsuranceNumber,
        "nl-bsn" => WesternEuropeanIds.IsDutchNumber,
        "no-fnr" => NordicIds.IsNorwegianNumber,
        "pl-pesel" => CentralEuropeanIds.IsPolishNumber,
        "pt-nif" => SouthernEuropeanIds.IsPortugueseNumber,
        "se-pnr" => NordicIds.IsSwedishNumber,
        "sg-nric" => AsianIds.IsSingaporeanNumber,
        "ssn" => AmericanIds.IsSocialSecurityNumber,
        "tr-kimlik" => OtherIds.IsTurkishNumber,
        "za-id" => OtherIds.IsSouthAfricanNumber,

        "cn-street" => PostalAddresses.IsChineseOrJapanese,
        "dob" => Dates.IsBirthDate,
        "email" => EmailAddresses.IsAddress,
        "phone-area" => PhoneShapes.HasArea,
        "phone-digits" => PhoneShapes.IsBare,
        "phone-intl" => PhoneNumbers.IsInternational,
        "phone-nanp" => PhoneNumbers.IsNorthAmerican,
        "phone-nanp-loose" => PhoneNumbers.IsLooselyNorthAmerican,
        "phone-plain" => PhoneShapes.IsPlain,
        "phone-shape" => PhoneShapes.IsGrouped,
        "street" => PostalAddresses.IsWithNumberFirst,
        "street-number" => PostalAddresses.IsWithNumberBehind,

        "id-code" => DocumentNumbers.IsCode,
        "imei" => DeviceNumbers.IsImei,
        "ipv4" => NetworkAddresses.IsPlainIpv4,
        "ipv4-any" => NetworkAddresses.IsIpv4,
        "ipv6" => NetworkAddresses.IsIpv6,
        "licence" => DocumentNumbers.IsLicence,
        "mac" => NetworkAddresses.IsMac,
        "passport" => DocumentNumbers.IsPassport,
        "vin" => DeviceNumbers.IsVin,

        "base58-32" => CryptoAddresses.IsSolana,
        "base58check" => CryptoAddresses.IsBase58Check,
        "bech32" => SegwitAddresses.IsAddress,
        "eip55" => CryptoAddresses.IsEthereum,

        "basic-auth" => SecretShapes.IsBasicAuth,
        "password" => Passwords.Is,
        "password-given" => Passwords.IsGiven,
        "pem" => SecretShapes.IsPem,
        "url-password" => SecretShapes.IsUrlWithPassword,

        _ => throw Unknown(name),
    };

    private static ValueCheck WithArgument(string kind, string argument, string name)
    {
        if (!double.TryParse(argument, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var least))
        {
            throw Unknown(name);
        }

        return kind switch
        {
            "entropy" => value => Randomness.HasEntropy(value, least),
            "random" => value => Randomness.IsRandom(value, least),
            "shannon" => value => Randomness.Entropy(value) >= least,
            _ => throw Unknown(name),
        };
    }

    private static ArgumentException Unknown(string name) => new($"There is no check '{name}'.", nameof(name));
}
