namespace Aegis.Testing;

/// <summary>What came of an attack on a live target.</summary>
/// <param name="Endpoint">Where requests went, without a query.</param>
/// <param name="Model">What it was asked for.</param>
/// <param name="Results">One for each case that was sent, by suite and case.</param>
/// <param name="NotSent">Cases of the suites that were not: they need a tool, or a model that misbehaves by itself, or what they want happens where nobody here can see it (calls that run behind the endpoint, budgets).</param>
public sealed record LiveRedTeamReport(Uri Endpoint, string Model, IReadOnlyList<LiveRedTeamResult> Results, int NotSent)
{
    /// <summary>Attacks that came through, of those that could be judged.</summary>
    public RedTeamShare CameThrough => new(Results.Count(static result => IsThrough(result)), Results.Count(static result => IsThrough(result) || result.Outcome == LiveRedTeamOutcome.Held));

    /// <summary>How many had an outcome.</summary>
    public int Count(LiveRedTeamOutcome outcome) => Results.Count(result => result.Outcome == outcome);

    private static bool IsThrough(LiveRedTeamResult result) => result.Outcome is LiveRedTeamOutcome.Leaked or LiveRedTeamOutcome.Obeyed;
}
