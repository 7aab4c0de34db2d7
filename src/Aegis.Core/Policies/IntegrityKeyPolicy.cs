using System.Globalization;

namespace Aegis.Policies;

/// <summary>A key for signatures of conversations, or of the audit log.</summary>
/// <param name="Id">Its name, which stands in every signature and is no secret: 1 to 64 letters, digits, <c>-</c> and <c>_</c> of ASCII, each id once.</param>
/// <param name="Secret">The secret: <c>${env:NAME}</c>, <c>${config:PATH}</c>, or in code the secret itself; 32 bytes of UTF-8 at least. 32 random bytes in Base64 are fine.</param>
public sealed record IntegrityKeyPolicy(string Id, string Secret)
{
    /// <summary>The last day on which it counts, in UTC: after it, the key does not sign, and of conversations it verifies nothing either; what it has signed of an audit log stays so.</summary>
    /// <value><see langword="null"/>: it always counts.</value>
    public DateOnly? NotAfter { get; init; }

    /// <summary>Which key it is, without its secret.</summary>
    /// <returns>For example <c>k1 until 2027-06-30</c>.</returns>
    public override string ToString() => NotAfter is { } last ? string.Create(CultureInfo.InvariantCulture, $"{Id} until {last:yyyy-MM-dd}") : Id;
}
