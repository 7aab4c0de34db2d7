namespace Aegis;

/// <summary>
/// What the risks of a user's texts say together. A law over numbers, without words and without a clock: a row of texts shows something when it goes up
/// certain steps in this order, whatever stands between them, and the last text is on the last step. So more texts or higher risks never take it away,
/// but for those that the window leaves behind.
/// </summary>
internal sealed class Trajectory
{
    /// <summary>What the ids of its findings begin with.</summary>
    private const string Ids = "trajectory/";

    private const double Risk = 0.95;

    private readonly Decision _effect;
    private readonly int _turns;
    private readonly TimeSpan _expires;
    private readonly byte[] _misses;   // as many equal steps
    private readonly byte[] _rise;   // one step more, from nothing to a third of the way between a near-miss and certainty

    /// <param name="effect">What happens to the text.</param>
    /// <param name="turns">How many texts count.</param>
    /// <param name="nearMisses">How many near-misses are enough.</param>
    /// <param name="nearMissAt">The risk of one.</param>
    /// <param name="expires">How long a silence ends it.</param>
    public Trajectory(Decision effect, int turns, int nearMisses, double nearMissAt, TimeSpan expires)
    {
        (_effect, _turns, _expires) = (effect, turns, expires);
        _misses = [.. Enumerable.Repeat(RiskMark.LevelOf(nearMissAt), nearMisses)];
        _rise = [.. Enumerable.Range(1, nearMisses + 1).Select(step => RiskMark.LevelOf((nearMissAt + ((1 - nearMissAt) / 3)) * step / (nearMisses + 1)))];
    }

    /// <summary>Whether a finding is of this.</summary>
    public static bool IsRule(string rule) => rule.StartsWith(Ids, StringComparison.Ordinal);

    /// <summary>A charge that remembers the text, where there is something to remember.</summary>
    /// <param name="charge">The charge.</param>
    /// <param name="typed">What a user typed. In pieces it counts where none of them has counted for as much.</param>
    /// <param name="verdict">What is said of it alone.</param>
    /// <param name="state">The session.</param>
    public Charge Weigh(in Charge charge, UserInput typed, Verdict verdict, SessionState state)
    {
        if (LevelOf(verdict) is not { } level || (level < _rise[0] && (state.Risks is null || typed.Pieces is not null)))
        {
            return charge;
        }

        var least = Math.Min(level, _misses[0]);
        return typed.Pieces?.Any(piece => RiskMark.Of(piece, least) is var mark && state.Risks?.Marks.Any(known => known.IsSameText(mark) && known.Level >= least) == true) == true ? charge
            : charge with { Trajectory = this, Typed = RiskMark.Of(typed.Text, level < _rise[0] ? (byte)0 : level) };
    }

    /// <summary>Remembers a text, and says what it shows together with those before it.</summary>
    public (RiskTrail? Trail, Finding? Finding) Add(RiskTrail? trail, RiskMark mark, DateTimeOffset now)
    {
        var (added, length) = RiskTrail.Add(trail, mark, now, _expires);
        return (added, mark.Level == RiskMark.Blocked || added is null ? null : Judge(added.Marks.AsSpan()[..length]));
    }

    /// <summary>What a row of texts shows, the last of which is the one to judge.</summary>
    public Finding? Judge(ReadOnlySpan<RiskMark> marks)
    {
        marks = marks[Math.Max(0, marks.Length - _turns)..];
        return Climbs(marks, _misses) ? Found("near-misses", "repeated-attempts", "AML.T0051.000", FormattableString.Invariant($"session.trajectory: {Count(marks, _misses[0])} of the last {_turns} texts have a risk of {RiskMark.RiskOf(_misses[0]):0.###} or more, {Count(marks, RiskMark.Blocked)} of them blocked"))
            : Climbs(marks, _rise) ? Found("crescendo", "crescendo", "AML.T0054", FormattableString.Invariant($"session.trajectory: over the last {_turns} texts the risk has risen in {_rise.Length} steps, from {RiskMark.RiskOf(_rise[0]):0.###} to {RiskMark.RiskOf(marks[^1].Level):0.###}"))
            : null;
    }

    /// <summary>Whether some of the texts, in their order, are each on the next step, and the last text on the last one.</summary>
    private static bool Climbs(ReadOnlySpan<RiskMark> marks, ReadOnlySpan<byte> steps)
    {
        if (marks.IsEmpty || marks[^1].Level < steps[^1])
        {
            return false;
        }

        var next = 0;
        foreach (var mark in marks[..^1])
        {
            next += next < steps.Length - 1 && mark.Level >= steps[next] ? 1 : 0;
        }

        return next == steps.Length - 1;
    }

    private static int Count(ReadOnlySpan<RiskMark> marks, byte level)
    {
        var count = 0;
        foreach (var mark in marks)
        {
            count += mark.Level >= level ? 1 : 0;
        }

        return count;
    }

    /// <summary>
    /// The level of a text as an attack: what findings with an ATLAS technique say, or what stays below every finding. Null: it was stopped for something
    /// else, and may not have been read at all.
    /// </summary>
    private static byte? LevelOf(Verdict verdict)
    {
        var (risk, isBlocked) = (verdict.Stayed, false);   // whatever else was found beside it
        foreach (var finding in verdict.Findings)
        {
            if (finding.Atlas.Count > 0)
            {
                risk = Math.Max(risk, finding.Risk);
                isBlocked |= finding.Decision == Decision.Block;
            }
        }

        return isBlocked ? RiskMark.Blocked
            : verdict.Decision >= Decision.Ask ? null
            : RiskMark.LevelOf(risk);
    }

    private Finding Found(string rule, string category, string technique, string detail) =>
        new(Ids + rule, _effect, Risk) { Category = category, Owasp = ["LLM01:2025"], Atlas = [technique], Detail = detail };
}
