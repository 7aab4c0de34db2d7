using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aegis.AspNetCore.Sessions;

/// <summary>Begins a request's session. Around everything that writes the response: a filter around a handler would be gone before a stream is read.</summary>
internal sealed partial class AegisSessionMiddleware(RequestDelegate next, SessionReader reader, IAuthenticationSchemeProvider? schemes, ILogger logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<DisableAegisSessionAttribute>() is not null)
        {
            await next(context);
            return;
        }

        var (session, refusal) = reader.Read(context);
        if (refusal is not null)
        {
            LogRefused(logger, refusal.Rule);
            await RefuseAsync(context, refusal);
            return;
        }

        context.Features.Set(new SessionFeature(session));
        using (AegisScope.Begin(session))
        {
            await next(context);
        }

        if (endpoint is null && context.GetEndpoint() is not null)
        {
            throw new InvalidOperationException("UseAegisSession stands before UseRouting, so that it sees neither route values nor endpoints. Put it behind.");
        }
    }

    private async Task RefuseAsync(HttpContext context, SessionRefusal refusal)
    {
        var response = context.Response;
        if (refusal.Status == StatusCodes.Status401Unauthorized && schemes is not null && await schemes.GetDefaultChallengeSchemeAsync() is not null)
        {
            await context.ChallengeAsync();   // the app's own way to ask
            if (response.HasStarted || response.StatusCode != StatusCodes.Status401Unauthorized || response.ContentType is not null)
            {
                return;
            }
        }

        await Problem.WriteAsync(context, refusal.Status, refusal.Title, [refusal.Rule]);
    }

    [LoggerMessage(1, LogLevel.Information, "A request got no session: {Rule}")]
    private static partial void LogRefused(ILogger logger, string rule);
}
