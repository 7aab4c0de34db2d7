using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Replaying;

/// <summary>Which Aegis judges and with which rules: its version, all tables in it, and the rule packs of the app.</summary>
internal static class RuleFingerprint
{
    private const int Digits = 16;

    private static readonly Lazy<byte[]> Own = new(Read);

    public static string Of(IEnumerable<string> packs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Own.Value);
        foreach (var pack in packs)
        {
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(pack)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }

    private static byte[] Read()
    {
        var assembly = typeof(RuleFingerprint).Assembly;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? ""));
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(resource));
        }

        return hash.GetHashAndReset();
    }
}
