using Aegis.AspNetCore;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Aegis;

/// <summary>
/// Answers with problem details where a request was blocked and the policy says <c>onBlock: throw</c>: the rules that decided and the decision's id, as in its
/// event, and no text. 429 where a budget or a limit is spent, 503 where the session could not be read or a guard failed, else 403. For
/// <c>services.AddExceptionHandler&lt;AegisExceptionHandler&gt;()</c> with <c>app.UseExceptionHandler()</c>. A response that has begun cannot be replaced. Thread-safe.
/// </summary>
public sealed class AegisExceptionHandler : IExceptionHandler
{
    private const int Depth = 8;   // exceptions around the one that says why

    /// <inheritdoc/>
    /// <returns><see langword="true"/>: it was a blocked request, and is answered.</returns>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        if (Blocked(exception) is not { } blocked)
        {
            return false;
        }

        var verdict = blocked.Verdict;
        var rules = verdict.Findings.Where(finding => finding.Decision == verdict.Decision).Select(static finding => finding.Rule).Distinct(StringComparer.Ordinal);
        await Problem.WriteAsync(httpContext, StatusOf(verdict.Rule ?? ""), "The request was blocked.", [.. rules], blocked.DecisionId);
        return true;
    }

    private static AegisBlockedException? Blocked(Exception? exception)
    {
        for (var i = 0; i < Depth && exception is not null; i++, exception = exception.InnerException)
        {
            if (exception is AegisBlockedException blocked)
            {
                return blocked;
            }
        }

        return null;
    }

    private static int StatusOf(string rule) =>
        rule is "session/unavailable" || rule.EndsWith("/failed", StringComparison.Ordinal) ? StatusCodes.Status503ServiceUnavailable
        : rule.StartsWith("budget/", StringComparison.Ordinal) || rule.StartsWith("limit/", StringComparison.Ordinal) || rule.StartsWith("wallet/", StringComparison.Ordinal) ? StatusCodes.Status429TooManyRequests
        : StatusCodes.Status403Forbidden;
}
