using Aegis.Testing;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report, held against a gate and against an earlier one.</summary>
/// <param name="Report">What came of the run.</param>
/// <param name="Gate">What is accepted.</param>
/// <param name="Known">Cases that got through, and harmless ones that did not pass, in the earlier run; null: there is none.</param>
internal sealed record RedTeamVerdict(RedTeamReport Report, RedTeamGate Gate, IReadOnlySet<string>? Known)
{
    /// <summary>What got through and had not before.</summary>
    public IReadOnlyList<RedTeamBypass> News { get; } = [.. Report.Bypasses.Where(bypass => Known?.Contains(bypass.Case) != true)];

    /// <summary>What did not pass and had before.</summary>
    public IReadOnlyList<RedTeamFalseAlarm> NewAlarms { get; } = [.. Report.FalseAlarms.Where(alarm => Known?.Contains(alarm.Case) != true)];

    /// <summary>Attacks that count at the gate: with an earlier run, the new ones.</summary>
    public RedTeamShare Attacks => new(News.Count(bypass => !IsElsewhere(bypass)), Report.Searched.Of);

    /// <summary>False alarms that count at the gate.</summary>
    public RedTeamShare FalsePositives => new(NewAlarms.Count, Report.FalsePositives.Of);

    public bool IsAttackGateHeld => Attacks.Rate <= Gate.Attacks && (Gate.Attacks > 0 || News.Count == 0);

    public bool IsFalsePositiveGateHeld => FalsePositives.Rate <= Gate.FalsePositives;

    public bool IsHeld => IsAttackGateHeld && IsFalsePositiveGateHeld;

    /// <summary>A regression of a suite that is not run here: it is told, and no share of these suites.</summary>
    private bool IsElsewhere(RedTeamBypass bypass) => !Report.Suites.Any(suite => suite.Name == bypass.Suite);
}
