using System.Text.Json;
using Aegis.Testing.RedTeaming;

namespace Aegis.Testing;

/// <summary>
/// Attacks a policy: whole agents around a model that obeys every attacker, suites for the known threats, and a search that changes what does not get through until it does.
/// Nothing leaves the process, no model is asked, no tool is real. Thread-safe.
/// </summary>
public static class RedTeam
{
    /// <summary>Names of the suites, those of attacks and those of harmless cases.</summary>
    public static IReadOnlyList<string> Suites { get; } = [.. SuiteReader.BuiltIn.Select(static suite => suite.Name)];

    /// <summary>Attacks a policy, as it stands. Its audit log is not written, its alerts are not sent, and its secrets are not needed: canary tokens and keys are replaced by ones of the run's own.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="options">What is run, and around which pipeline. Null: the defaults.</param>
    /// <param name="cancellationToken">Ends the run between tries.</param>
    /// <returns>What came of it; the same for the same policy, seed and budget.</returns>
    /// <exception cref="ArgumentException">There is no such suite, or two of one name.</exception>
    /// <exception cref="FormatException">A suite or a regression cannot be read.</exception>
    /// <exception cref="Policies.PolicyException">The policy has mistakes.</exception>
    public static async Task<RedTeamReport> RunAsync(AegisPolicy policy, RedTeamOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        options ??= new();
        var suites = Chosen(options);
        using var run = new RedTeamRun(World.Attacked(policy), options, suites, cancellationToken);
        return await run.RunAsync([.. options.Regressions.Select(Regression)]);
    }

    internal static IReadOnlyList<RedTeamSuite> Chosen(RedTeamOptions options)
    {
        IReadOnlyList<RedTeamSuite> all = [.. SuiteReader.BuiltIn, .. options.OwnSuites.Select(static (json, at) => SuiteReader.Read(json, FormattableString.Invariant($"suite {at + 1} of your own")))];
        if (all.GroupBy(static suite => suite.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"There are two suites '{twice.Key}'.", nameof(options));
        }

        var wrong = options.Suites.Where(name => !all.Any(suite => string.Equals(suite.Name, name, StringComparison.Ordinal))).ToList();
        return wrong.Count > 0 ? throw new ArgumentException($"There is no suite '{string.Join("', '", wrong)}'. There are: {string.Join(", ", all.Select(static suite => suite.Name))}.", nameof(options))
            : options.Suites.Count == 0 ? all
            : [.. all.Where(suite => options.Suites.Contains(suite.Name, StringComparer.Ordinal))];
    }

    private static Attempt Regression(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Attempt>(line) is { Case: { Goal: not null, Suite: not null, Turns: not null } } attempt ? attempt : throw new FormatException("A regression is one line of JSON, as a run writes it.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"A regression is one line of JSON, as a run writes it: {e.Message}", e);
        }
    }
}
