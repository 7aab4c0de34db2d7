using Aegis.AspNetCore;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Aegis;

/// <summary>
/// Answers with problem details where a request was blocked and the policy says <c>onBlock: throw</c>: the rules that decided and the decision's id, as in its
/// event, and no text. 403 where something was refused, 429 where a budget or a limit is spent, 503 where the server could not decide: what it asks failed, was
/// late or is not there. Of several reasons the first of these counts, since trying again does not help against it. For <c>services.AddExceptionHandler&lt;AegisExceptionHandler&gt;()</c> with <c>app.UseExceptionHandler()</c>. A response that has begun cannot be replaced. Thread-safe.
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
        string[] rules = [.. verdict.Findings.Where(finding => finding.Decision == verdict.Decision).Select(static finding => finding.Rule).Distinct(StringComparer.Ordinal)];
        var (status, title) = StatusOf(rules);
        await Problem.WriteAsync(httpContext, status, title, rules, blocked.DecisionId);
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

    private static (int Status, string Title) StatusOf(string[] rules) =>
        rules.Length == 0 || !Array.TrueForAll(rules, static rule => IsFailure(rule) || IsSpent(rule)) ? (StatusCodes.Status403Forbidden, "The request was blocked.")
        : Array.Exists(rules, static rule => !IsFailure(rule)) ? (StatusCodes.Status429TooManyRequests, "A limit is reached.")
        : (StatusCodes.Status503ServiceUnavailable, "The request could not be checked.");

    /// <summary>By the last part of the rule, which is the same for every guard: what was asked threw, was late, cannot be reached, or was never set up. That of a limit is a tool's name.</summary>
    private static bool IsFailure(string rule) => !rule.StartsWith("limit/", StringComparison.Ordinal) && rule[(rule.LastIndexOf('/') + 1)..] is "failed" or "timeout" or "unavailable" or "missing" or "no-key" or "unguarded" or "pins-unreadable";

    /// <summary>By the first part, and the judge's own budget.</summary>
    private static bool IsSpent(string rule) => rule.Split('/')[0] is "budget" or "limit" or "wallet" || rule == "judge/budget";
}
