using Aegis;
using Aegis.AspNetCore.Sessions;

namespace Microsoft.AspNetCore.Http;

/// <summary>What a request says to Aegis.</summary>
public static class AegisHttpContextExtensions
{
    /// <summary>Whose conversation the request is: the key for whatever the app remembers of it, and for <see cref="AegisScope.Begin(SessionId)"/> in work that is queued and does not flow from the request.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The session; <see langword="null"/> where none was begun.</returns>
    public static SessionId? GetAegisSession(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<SessionFeature>()?.Session;
    }
}
