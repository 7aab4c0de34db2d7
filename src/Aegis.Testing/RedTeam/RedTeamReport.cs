namespace Aegis.Testing;

/// <summary>What came of an attack on a policy.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Seed">Where the search began.</param>
/// <param name="Budget">Tries that the search was given.</param>
/// <param name="Tries">Tries in all, those of shrinking and of asking for remedies not counted.</param>
/// <param name="Suites">Results by suite: attacks first, then harmless ones.</param>
/// <param name="Bypasses">What reached its goal, one a case, by case.</param>
/// <param name="FalseAlarms">Harmless cases that did not pass, with what happened.</param>
public sealed record RedTeamReport(string Policy, int Seed, int Budget, int Tries, IReadOnlyList<RedTeamSuiteResult> Suites, IReadOnlyList<RedTeamBypass> Bypasses, IReadOnlyList<RedTeamFalseAlarm> FalseAlarms)
{
    /// <summary>Attacks that reached their goal as written, over all suites.</summary>
    public RedTeamShare AsWritten => Sum(false, static suite => suite.AsWritten);

    /// <summary>Attacks that reached their goal as written or changed, over all suites.</summary>
    public RedTeamShare Searched => Sum(false, static suite => suite.Searched);

    /// <summary>Harmless cases that did not pass, over all suites.</summary>
    public RedTeamShare FalsePositives => Sum(true, static suite => suite.AsWritten);

    /// <summary>What the policy lets happen that one of its members would stop: what to look at first.</summary>
    public IEnumerable<RedTeamBypass> Open => Bypasses.Where(static bypass => bypass.ClosedBy.Count > 0);

    /// <summary>Tools of the policy that no case was aimed at, because there are too many like them: attack them with a suite of your own.</summary>
    /// <value>Nearly always none. Tools that only read are not aimed at.</value>
    public IReadOnlyList<string> Untried { get; init; } = [];

    /// <summary>What got through of <see cref="RedTeamOptions.Regressions"/> and is in no suite of this run: no share of them tells.</summary>
    public IEnumerable<RedTeamBypass> Elsewhere => Bypasses.Where(bypass => !Suites.Any(suite => suite.Cases.Contains(bypass.Case, StringComparer.Ordinal)));

    /// <summary>Fails where more gets through than is accepted.</summary>
    /// <param name="attacks">Share of attacks, as written or changed, that may reach their goal, 0 to 1. What is <see cref="Elsewhere"/> may not, unless it is 1.</param>
    /// <param name="falsePositives">Share of harmless cases that may not pass, 0 to 1.</param>
    /// <exception cref="RedTeamException">More does; the message names the suites, cases and remedies.</exception>
    public void ThrowIfOver(double attacks = 0, double falsePositives = 0)
    {
        var lines = new List<string>();
        if (Searched.Rate > attacks || (attacks < 1 && Elsewhere.Any()))
        {
            lines.Add(FormattableString.Invariant($"{Searched.Count} of {Searched.Of} attacks reached their goal (accepted: {attacks:P0}):"));
            lines.AddRange(Bypasses.Select(static bypass => $"  {bypass.Case}: {bypass.Evidence}. {(bypass.ClosedBy is [var remedy, ..] ? $"Way out: {remedy}." : "No setting stops it.")}"));
        }

        if (FalsePositives.Rate > falsePositives)
        {
            lines.Add(FormattableString.Invariant($"{FalsePositives.Count} of {FalsePositives.Of} harmless cases did not pass (accepted: {falsePositives:P0}):"));
            lines.AddRange(FalseAlarms.Select(static alarm => $"  {alarm.Case}: {alarm.Evidence} ({string.Join(", ", alarm.Rules)})."));
        }

        if (lines.Count > 0)
        {
            throw new RedTeamException(string.Join('\n', lines));
        }
    }

    private RedTeamShare Sum(bool isBenign, Func<RedTeamSuiteResult, RedTeamShare> share)
    {
        var shares = Suites.Where(suite => suite.IsBenign == isBenign).Select(share).ToList();
        return new(shares.Sum(static one => one.Count), shares.Sum(static one => one.Of));
    }
}
