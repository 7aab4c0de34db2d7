using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore.Sessions;

/// <summary>What a response says to its client besides its own headers. Said again when the response begins: who answers for an exception clears the headers first.</summary>
internal static class Telling
{
    public static void Tell(this HttpResponse response, string header, string value)
    {
        Say();
        response.OnStarting(Say);

        Task Say()
        {
            response.Headers[header] = value;
            return Task.CompletedTask;
        }
    }

    /// <summary>A cookie, which no cache may give to somebody else.</summary>
    public static void TellCookie(this HttpResponse response, string name, string value, CookieOptions options)
    {
        response.Tell("Cache-Control", "no-store");
        Say();
        response.OnStarting(Say);

        Task Say()
        {
            if (!response.Headers.SetCookie.Any(cookie => cookie?.StartsWith($"{name}=", StringComparison.Ordinal) == true))
            {
                response.Cookies.Append(name, value, options);
            }

            return Task.CompletedTask;
        }
    }
}
