using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore.Tests;

/// <summary>Requests without a server.</summary>
internal static class Requests
{
    public static DefaultHttpContext Of(params ClaimsIdentity[] identities) => new() { User = new(identities) };

    public static ClaimsIdentity SignedIn(params (string Type, string Value)[] claims) => new(claims.Select(static claim => new Claim(claim.Type, claim.Value)), "test");

    public static ClaimsIdentity SignedInBy(string issuer, string type, string value) => new([new Claim(type, value, ClaimValueTypes.String, issuer)], "test");
}
