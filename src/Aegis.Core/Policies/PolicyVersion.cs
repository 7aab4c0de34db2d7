using System.Security.Cryptography;
using System.Text;
using Aegis.Policies.Documents;

namespace Aegis.Policies;

/// <summary>Which policy decided: its name, and a hash over everything that it says.</summary>
/// <param name="Name">The name.</param>
/// <param name="Hash">The first 16 hexadecimal digits of SHA-256 over the policy as a document.</param>
internal sealed record PolicyVersion(string Name, string Hash)
{
    private const int Digits = 16;

    public static PolicyVersion Of(AegisPolicy policy) =>
        new(policy.Name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PolicySchema.Write(PolicyShape.Root.Write(policy)))))[..Digits]);
}
