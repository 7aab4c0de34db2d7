using Aegis.Testing.RedTeaming;

namespace Aegis.Testing;

/// <summary>
/// Attacks an agent that runs, over HTTP, by the OpenAI chat completions protocol: the cases of the suites that need nothing but text (what a user types, in one turn
/// or several, and forged histories) and that want something said. What counts is what came back. A real model may decline without any guard: this measures
/// model and guard together, and says nothing of calls that run behind the endpoint. Attack only what is yours.
/// </summary>
public static class LiveRedTeam
{
    /// <summary>Attacks a live target.</summary>
    /// <param name="endpoint">Its base address, for example <c>https://agent.example/v1</c>, or that of <c>chat/completions</c> itself.</param>
    /// <param name="model">What it is asked for.</param>
    /// <param name="options">What is run, and by what answers are judged.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="ArgumentException">There is no such suite, no case in them that can be sent, nothing to judge by, a secret that is too short, a number out of range, or no key in the variable.</exception>
    /// <exception cref="FormatException">A suite cannot be read.</exception>
    /// <exception cref="LiveRedTeamException">Nothing answers there, or not this protocol.</exception>
    public static Task<LiveRedTeamReport> RunAsync(Uri endpoint, string model, LiveRedTeamOptions options, CancellationToken cancellationToken = default) => RunAsync(endpoint, model, options, null, cancellationToken);

    internal static async Task<LiveRedTeamReport> RunAsync(Uri endpoint, string model, LiveRedTeamOptions options, HttpMessageHandler? handler, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Concurrency, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Retries);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RetryDelay, TimeSpan.Zero);
        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{endpoint}' is no address of a server. Write https://host/v1.", nameof(endpoint));
        }

        if (endpoint.UserInfo.Length > 0)
        {
            throw new ArgumentException("The address has a user or a password in it. Put the key into an environment variable and name that.", nameof(endpoint));
        }

        var judge = new LiveJudge(options.Secrets, options.TellTales);
        var targets = new PolicyTargets(AegisPolicy.Preset("balanced"));   // no tools of its own; the target has a policy that nobody here knows
        var all = RedTeam.Chosen(new() { Suites = options.Suites, OwnSuites = options.OwnSuites }).SelectMany(static suite => suite.Cases).Where(static @case => !@case.IsBenign).ToList();
        var cases = all.Where(IsSent).Select(@case => targets.Aim(@case).First()).ToList();
        if (cases.Count == 0)
        {
            throw new ArgumentException("No case of these suites can be sent: each needs a tool, or wants what cannot be seen from here.", nameof(options));
        }

        using var client = new LiveClient(endpoint, model, options, handler);
        var run = new LiveRun(client, judge, options);
        return new(new(client.Shown), model, await run.RunAsync(cases, cancellationToken), all.Count - cases.Count);
    }

    /// <summary>Whether it needs text alone, and wants something said.</summary>
    private static bool IsSent(RedTeamCase @case) =>
        @case is { Tool: null, Place: AttackPlace.Typed or AttackPlace.Assistant or AttackPlace.System or AttackPlace.HistoryResult, Goal.Harm: RedTeamHarm.Leaked or RedTeamHarm.Released };
}
