using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore.Sessions;

/// <summary>Why a request gets no session. Says nothing that the request said.</summary>
internal sealed record SessionRefusal(int Status, string Rule, string Title)
{
    public static readonly SessionRefusal NoPrincipal = new(StatusCodes.Status401Unauthorized, "session/no-principal", "Sign in first.");
    public static readonly SessionRefusal BadPrincipal = new(StatusCodes.Status403Forbidden, "session/bad-principal", "The signed-in user has no name, or several, or one that cannot be used.");
    public static readonly SessionRefusal BadTenant = new(StatusCodes.Status403Forbidden, "session/bad-tenant", "The signed-in user has no tenant, or several, or one that cannot be used.");
    public static readonly SessionRefusal NoId = new(StatusCodes.Status400BadRequest, "session/no-id", "The request names no conversation.");
    public static readonly SessionRefusal BadId = new(StatusCodes.Status400BadRequest, "session/bad-id", "A conversation's id has 1 to 128 letters, digits and - _ . ~ : @ + =, and nothing else.");
    public static readonly SessionRefusal SeveralIds = new(StatusCodes.Status400BadRequest, "session/several-ids", "The request names its conversation twice.");
    public static readonly SessionRefusal BadVisitor = new(StatusCodes.Status400BadRequest, "session/bad-visitor", "This server has not named this visitor. Come again without a name.");
}
