namespace Aegis;

/// <summary>The budgets of a run, compiled.</summary>
internal sealed record RunLimits(int MaxSteps, double RiskBudget, TimeSpan MaxDuration, int MaxDepth, int RepeatedCalls, Budget Runs, (int Step, double Fraction)[] Decay)
{
    /// <summary>Times that a judge may be asked.</summary>
    public int MaxJudged { get; init; }

    /// <summary>What a run may spend; null: it has no budget.</summary>
    public LevelBudget? Whole { get; init; }

    /// <summary>What a sub-agent may spend; null: it has no budget.</summary>
    public LevelBudget? SubAgent { get; init; }

    /// <summary>Share of the tools that stays at a step counted from 1.</summary>
    public double Fraction(int step)
    {
        var fraction = 1.0;
        foreach (var (from, share) in Decay)
        {
            if (step >= from)
            {
                fraction = share;
            }
        }

        return fraction;
    }

    /// <summary>Why a run may not go on, or null.</summary>
    public Finding? Spent(RunState run, DateTimeOffset now) =>
        now >= run.Expires ? DurationSpent()
        : run.Closed ? Finding.Block("budget/closed", "the run has taken its closing step") with { Ends = RunEnd.Now }
        : run.Risk >= RiskBudget ? Finding.Block("budget/risk", FormattableString.Invariant($"agentLoop.riskBudget: at most {RiskBudget}")) with { Ends = RunEnd.Gracefully }
        : null;

    public Finding DurationSpent() => Finding.Block("budget/duration", FormattableString.Invariant($"agentLoop.maxDuration: at most {MaxDuration:c}")) with { Ends = RunEnd.Now };

    public Finding StepsSpent() => Finding.Block("budget/steps", FormattableString.Invariant($"agentLoop.maxSteps: at most {MaxSteps}")) with { Ends = RunEnd.Gracefully };
}
