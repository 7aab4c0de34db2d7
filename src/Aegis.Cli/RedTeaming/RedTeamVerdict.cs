using Aegis.Testing;

namespace Aegis.Cli.RedTeaming;

/// <summary>A report, held against a gate and against an earlier one.</summary>
/// <param name="Report">What came of the run.</param>
/// <param name="Gate">What is accepted.</param>
/// <param name="Known">What got through, and what harmless did not pass, in the earlier run, as <see cref="KeyOf(string, string?)"/> tells it apart; null: there is none.</param>
internal sealed record RedTeamVerdict(RedTeamReport Report, RedTeamGate Gate, IReadOnlySet<string>? Known)
{
    /// <summary>What got through and had not before.</summary>
    public IReadOnlyList<RedTeamBypass> News { get; } = [.. Report.Bypasses.Where(bypass => Known?.Contains(KeyOf(bypass.Case, bypass.ClosedBy is [var remedy, ..] ? remedy : null)) != true)];

    /// <summary>What did not pass and had before.</summary>
    public IReadOnlyList<RedTeamFalseAlarm> NewAlarms { get; } = [.. Report.FalseAlarms.Where(alarm => Known?.Contains(KeyOf(alarm.Case, null)) != true)];

    /// <summary>Attacks that count at the gate: with an earlier run, the new ones.</summary>
    public RedTeamShare Attacks => new(News.Except(Report.Elsewhere).Count(), Report.Searched.Of);

    /// <summary>False alarms that count at the gate.</summary>
    public RedTeamShare FalsePositives => new(NewAlarms.Count, Report.FalsePositives.Of);

    /// <summary>Whether few enough got through. A regression of a suite that is not run is no share of it: one is too many, unless all are accepted.</summary>
    public bool IsAttackGateHeld => Attacks.Rate <= Gate.Attacks && (Gate.Attacks >= 1 || !News.Intersect(Report.Elsewhere).Any());

    public bool IsFalsePositiveGateHeld => FalsePositives.Rate <= Gate.FalsePositives;

    public bool IsHeld => IsAttackGateHeld && IsFalsePositiveGateHeld;

    /// <summary>What makes a bypass the same as an earlier one: the case, and what would stop it. Another hole on the same case is news.</summary>
    public static string KeyOf(string @case, string? closedBy) => $"{@case}\n{closedBy}";
}
