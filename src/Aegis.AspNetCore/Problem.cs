using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore;

/// <summary>Problem details: rules and a decision, never a text that somebody sent.</summary>
internal static class Problem
{
    public static Task WriteAsync(HttpContext context, int status, string title, string[] rules, string? decisionId = null)
    {
        var extensions = new Dictionary<string, object?> { ["rules"] = rules };
        if (decisionId is not null)
        {
            extensions["decisionId"] = decisionId;
        }

        return TypedResults.Problem(title: title, statusCode: status, extensions: extensions).ExecuteAsync(context);
    }
}
