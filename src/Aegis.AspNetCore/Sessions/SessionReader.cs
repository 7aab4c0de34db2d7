using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore.Sessions;

/// <summary>Whose conversation a request is. What the sender says is a name under who the sender is, so that nobody's id is anybody else's session.</summary>
internal sealed class SessionReader(UserReader users, Visitors? visitors, ConversationReader conversations)
{
    public (SessionId Session, SessionRefusal? Refusal) Read(HttpContext context)
    {
        var (principal, refusal) = users.ReadPrincipal(context);
        if (refusal is not null || (principal is null && visitors is null))
        {
            return (default, refusal ?? SessionRefusal.NoPrincipal);
        }

        (var tenant, refusal) = users.ReadTenant(context);
        if (refusal is not null)
        {
            return (default, refusal);
        }

        (var id, refusal) = conversations.Read(context);
        if (refusal is null && principal is null)
        {
            (principal, refusal) = visitors!.Read(context);
        }

        return refusal is null ? (new(id!, principal, tenant), null) : (default, refusal);
    }
}
