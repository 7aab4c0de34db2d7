using System.Text.Json;
using Aegis.Testing.RedTeaming;
using Microsoft.Extensions.AI;

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
    /// <exception cref="FormatException">A suite or a regression cannot be read, or a case of your own does not reach its goal where nothing is guarded.</exception>
    /// <exception cref="Policies.PolicyException">The policy has mistakes.</exception>
    public static async Task<RedTeamReport> RunAsync(AegisPolicy policy, RedTeamOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        options ??= new();
        var suites = Chosen(options);
        await ProveAsync(options, cancellationToken);
        using var run = new RedTeamRun(World.Attacked(policy), options, suites, cancellationToken);
        return await run.RunAsync([.. options.Regressions.Select(Regression)]);
    }

    internal static IReadOnlyList<RedTeamSuite> Chosen(RedTeamOptions options)
    {
        IReadOnlyList<RedTeamSuite> all = [.. SuiteReader.BuiltIn, .. options.OwnSuites.Select(static (json, at) => SuiteReader.Read(json, SourceOf(at)))];
        if (all.GroupBy(static suite => suite.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"There are two suites '{twice.Key}'.", nameof(options));
        }

        var wrong = options.Suites.Where(name => !all.Any(suite => string.Equals(suite.Name, name, StringComparison.Ordinal))).ToList();
        return wrong.Count > 0 ? throw new ArgumentException($"There is no suite '{string.Join("', '", wrong)}'. There are: {string.Join(", ", all.Select(static suite => suite.Name))}.", nameof(options))
            : options.Suites.Count == 0 ? all
            : [.. all.Where(suite => options.Suites.Contains(suite.Name, StringComparer.Ordinal))];
    }

    /// <summary>A case that does not reach its goal where nothing is guarded is a mistake in the case, and would be reported as an attack that is held.</summary>
    private static async Task ProveAsync(RedTeamOptions options, CancellationToken cancellationToken)
    {
        var open = AegisPolicy.Preset("permissive");
        using var stage = new Stage(open, new() { Pipeline = static setup => setup.Model.AsBuilder().UseFunctionInvocation(configure: static loop => loop.MaximumIterationsPerRequest = SuiteReader.MostTimes).Build() });
        var targets = new PolicyTargets(open);
        foreach (var @case in options.OwnSuites.Select(static (json, at) => SuiteReader.Read(json, SourceOf(at))).SelectMany(static suite => suite.Cases).SelectMany(targets.Aim))
        {
            if (!(await stage.PlayAsync(Attempt.Of(@case), cancellationToken)).Succeeded)
            {
                throw new FormatException($"case '{@case.Id}' {(@case.IsBenign ? "does not pass" : "does not reach its goal")} where nothing is guarded: look at what it does, and at what it calls success.");
            }
        }
    }

    private static string SourceOf(int at) => FormattableString.Invariant($"suite {at + 1} of your own");

    private static Attempt Regression(string line, int at)
    {
        try
        {
            return JsonSerializer.Deserialize<Attempt>(line) is { Mutators: not null, Case: { IsBenign: false, Id: not null, Suite: not null, Steps: not null, Goal: not null, Turns.Count: > 0 } @case } attempt
                && @case.Turns.All(static turn => turn is not null) && @case.Steps.All(static step => step is { Times: >= 1 and <= SuiteReader.MostTimes }) && @case.Goal is { Meter: AttackMeter.Tokens } or { Most: <= SuiteReader.MostTimes }
                && (@case.Attack is { Parts.Count: > 0 } ? @case.Attack.Parts.All(static part => part is not null) : @case.Place == AttackPlace.Rogue)
                ? attempt : throw new FormatException("members are missing or out of bounds");
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or NullReferenceException)
        {
            throw new FormatException(FormattableString.Invariant($"regression {at + 1}: is no line of JSON as a run writes it ({e.Message})."), e);
        }
    }
}
