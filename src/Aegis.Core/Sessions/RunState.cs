namespace Aegis;

/// <summary>What is remembered of a run.</summary>
/// <param name="Id">The run.</param>
/// <param name="Parent">The run that it is a sub-agent of, in the same session.</param>
/// <param name="ExpiresTicks">When its time is up, in UTC ticks.</param>
internal sealed record RunState(RunId Id, RunId Parent, long ExpiresTicks)
{
    /// <summary>When its time is up.</summary>
    public DateTimeOffset Expires => new(ExpiresTicks, TimeSpan.Zero);

    /// <summary>Model responses with at least one call.</summary>
    public int Steps { get; init; }

    /// <summary>Risk of the finished steps.</summary>
    public double Risk { get; init; }

    /// <summary>Largest risk below the block line since the last step.</summary>
    public double PendingRisk { get; init; }

    /// <summary>Whether the closing step was taken.</summary>
    public bool Closed { get; init; }

    /// <summary>Times that a judge was asked.</summary>
    public int Judged { get; init; }

    /// <summary>What it has spent of budgets of its own; null: it has none.</summary>
    public RunSpent? Spent { get; init; }

    /// <summary>Calls and results so far.</summary>
    public CallTrail? Trail { get; init; }
}
