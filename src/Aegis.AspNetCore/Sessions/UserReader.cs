using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore.Sessions;

/// <summary>Who sent a request, and for which tenant, as authentication has found it.</summary>
internal sealed class UserReader(AegisSessionOptions options)
{
    /// <summary>The user's name; null without a refusal: nobody is signed in.</summary>
    public (string? Name, SessionRefusal? Refusal) ReadPrincipal(HttpContext context)
    {
        if (options.Principal is { } ask)
        {
            var name = ask(context);
            return name is null || IsName(name) ? (name, null) : (null, SessionRefusal.BadPrincipal);
        }

        if (!SignedIn(context).Any())
        {
            return (null, null);
        }

        var names = options.PrincipalClaims.Select(type => Values(context, type, NameOf)).FirstOrDefault(static names => names.Length > 0);
        return names is [var only] && IsName(only) ? (only, null) : (null, SessionRefusal.BadPrincipal);
    }

    public (string? Name, SessionRefusal? Refusal) ReadTenant(HttpContext context)
    {
        if (options.Tenant is { } ask)
        {
            var name = ask(context);
            return name is null || IsName(name) ? (name, null) : (null, SessionRefusal.BadTenant);
        }

        if (options.TenantClaim is not { } type || !SignedIn(context).Any())
        {
            return (null, null);
        }

        return Values(context, type, static claim => claim.Value) is [var only] && IsName(only) ? (only, null) : (null, SessionRefusal.BadTenant);
    }

    private static IEnumerable<ClaimsIdentity> SignedIn(HttpContext context) => context.User.Identities.Where(static identity => identity.IsAuthenticated);

    private static string[] Values(HttpContext context, string type, Func<Claim, string> read) =>
        [.. SignedIn(context).SelectMany(identity => identity.FindAll(type)).Select(read).Distinct(StringComparer.Ordinal)];

    /// <summary>A subject is one only together with who named it: two providers may both know a user 42. What the app itself has named stays as it is, unless it could be taken for the other.</summary>
    private static string NameOf(Claim claim) =>
        string.Equals(claim.Issuer, ClaimsIdentity.DefaultIssuer, StringComparison.Ordinal) && !claim.Value.Contains(' ', StringComparison.Ordinal) ? claim.Value : $"{claim.Issuer} {claim.Value}";

    /// <summary>Half characters would all become the same one in the name of the session's record.</summary>
    private static bool IsName(string name) =>
        name.Length is > 0 and <= SessionId.MaxLength && !name.Any(char.IsControl) && !name.EnumerateRunes().Contains(Rune.ReplacementChar);
}
