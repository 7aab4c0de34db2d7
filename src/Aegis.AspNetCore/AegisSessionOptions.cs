using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Aegis;

/// <summary>Where a request says whose conversation it is. Immutable.</summary>
public sealed record AegisSessionOptions
{
    /// <summary>Claims that name the signed-in user, the first one that the user has. A user who has none of them, or several that differ, is refused.</summary>
    /// <value>The name identifier, then <c>sub</c>. A name that somebody else than this app has given out is the issuer, a space and the name.</value>
    public IReadOnlyList<string> PrincipalClaims { get; init; } = [ClaimTypes.NameIdentifier, "sub"];

    /// <summary>Names the user in another way; <see langword="null"/> from it: nobody is signed in. Must not take the name from what the sender can choose.</summary>
    /// <value><see langword="null"/>: <see cref="PrincipalClaims"/> say it.</value>
    public Func<HttpContext, string?>? Principal { get; init; }

    /// <summary>The claim that names the user's tenant. A signed-in user without it is refused.</summary>
    /// <value><see langword="null"/>: there are no tenants.</value>
    public string? TenantClaim { get; init; }

    /// <summary>Names the tenant in another way, for signed-in users and visitors; <see langword="null"/> from it: none. Must not take the name from what the sender can choose.</summary>
    /// <value><see langword="null"/>: <see cref="TenantClaim"/> says it.</value>
    public Func<HttpContext, string?>? Tenant { get; init; }

    /// <summary>The route value with the conversation's id.</summary>
    /// <value><c>conversationId</c>; <see langword="null"/>: no route value is looked at.</value>
    public string? RouteValue { get; init; } = "conversationId";

    /// <summary>The request header with the conversation's id. A request that says no id gets a new one, 128 random bits, in the response header of this name.</summary>
    /// <value><c>X-Conversation-Id</c>; <see langword="null"/>: no header is looked at, and a request that says no id is refused.</value>
    public string? Header { get; init; } = "X-Conversation-Id";

    /// <summary>The query parameter with the conversation's id. Addresses stand in logs and histories.</summary>
    /// <value><see langword="null"/>: none is looked at.</value>
    public string? Query { get; init; }

    /// <summary>What becomes of a request whose sender is not signed in.</summary>
    /// <value><see cref="AnonymousUsers.Refuse"/>.</value>
    public AnonymousUsers Anonymous { get; init; }

    /// <summary>The cookie that carries a visitor's name: not for scripts, for requests of the same site, over HTTPS alone when it was set there. With <c>__Host-</c> before it, browsers take it from nobody else.</summary>
    /// <value><c>aegis-visitor</c>.</value>
    public string VisitorCookie { get; init; } = "aegis-visitor";

    /// <summary>The header that carries a visitor's name, from and to clients that keep no cookies.</summary>
    /// <value><see langword="null"/>: the cookie does.</value>
    public string? VisitorHeader { get; init; }

    /// <summary>How long a visitor's name is good. It is made new when half of that is over.</summary>
    /// <value>30 days. One minute at least.</value>
    public TimeSpan VisitorLifetime { get; init; } = TimeSpan.FromDays(30);
}
