namespace Aegis.AspNetCore.Sessions;

/// <summary>Options that can be followed.</summary>
internal static class OptionsCheck
{
    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromMinutes(1);

    /// <exception cref="ArgumentException">They cannot.</exception>
    public static AegisSessionOptions Checked(AegisSessionOptions options)
    {
        Refuse(options.Principal is null && options.PrincipalClaims is not { Count: > 0 }, "PrincipalClaims names no claim, and there is no Principal.");
        Refuse(options.Principal is null && options.PrincipalClaims?.Any(string.IsNullOrWhiteSpace) == true, "PrincipalClaims has a claim without a name.");
        Refuse(options is { TenantClaim: not null, Tenant: not null }, "TenantClaim and Tenant both say the tenant. Choose one.");
        Refuse(options is { RouteValue: null, Header: null, Query: null }, "RouteValue, Header and Query are all null: no request could say its conversation.");
        foreach (var name in (ReadOnlySpan<string?>)[options.RouteValue, options.Header, options.Query, options.VisitorHeader, options.VisitorCookie ?? "", options.TenantClaim])
        {
            Refuse(name is not null && string.IsNullOrWhiteSpace(name), "A claim, a route value, a header, a query parameter and a cookie have a name.");
        }

        Refuse(options.Header is not null && string.Equals(options.Header, options.VisitorHeader, StringComparison.OrdinalIgnoreCase), "Header and VisitorHeader are the same.");
        Refuse(!Enum.IsDefined(options.Anonymous), "Anonymous is none of its values.");
        Refuse(options.VisitorLifetime < ShortestLifetime, "VisitorLifetime is at least one minute.");
        return options with { PrincipalClaims = [.. options.PrincipalClaims ?? []] };

        static void Refuse(bool isWrong, string why)
        {
            if (isWrong)
            {
                throw new ArgumentException(why, nameof(options));
            }
        }
    }
}
