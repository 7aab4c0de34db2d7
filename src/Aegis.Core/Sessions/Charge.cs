namespace Aegis;

/// <summary>What one inspection spends and records, applied to a session in one piece by <see cref="Ledger"/>.</summary>
internal readonly record struct Charge
{
    public required DateTimeOffset Now { get; init; }

    public required RunTicket Run { get; init; }

    public required RunLimits Limits { get; init; }

    /// <summary>Windowed budgets; null: none.</summary>
    public Spend[]? Spends { get; init; }

    /// <summary>What it spends on other accounts and of the run's budgets; null: nothing.</summary>
    public BudgetPlan? Plan { get; init; }

    /// <summary>Whether a model response with calls is counted.</summary>
    public bool Step { get; init; }

    /// <summary>Whether the run's closing step is taken.</summary>
    public bool Closing { get; init; }

    /// <summary>Whether a new model step or a call wants to begin, which a spent run refuses.</summary>
    public bool Advances { get; init; }

    /// <summary>Whom this asks.</summary>
    public Helper Asks { get; init; }

    /// <summary>Risk below the block line.</summary>
    public double Risk { get; init; }

    /// <summary>A call for the trail; 0: none.</summary>
    public ulong Call { get; init; }

    /// <summary>A call's result for the trail; 0: none.</summary>
    public ulong Result { get; init; }

    /// <summary>What the session takes in by it.</summary>
    public SessionLabels Labels { get; init; }

    /// <summary>Whether the verdict holds only as long as the session has taken in nothing but <see cref="Seen"/>.</summary>
    public bool DependsOnLabels { get; init; }

    /// <summary>What the session had taken in when it was judged.</summary>
    public SessionLabels Seen { get; init; }

    /// <summary>What judges a text that a user typed together with those before it; null: nothing does, and none is remembered.</summary>
    public Trajectory? Trajectory { get; init; }

    /// <summary>That text.</summary>
    public RiskMark Typed { get; init; }

    /// <summary>Whether it was blocked already, so that it is remembered and nothing is spent.</summary>
    public bool IsTry { get; init; }

    /// <summary>What is left of this when the text was blocked.</summary>
    public Charge Tried => new() { Now = Now, Run = Run, Limits = Limits, Trajectory = Trajectory, Typed = Typed, IsTry = true };

    /// <summary>Whether spent budgets only are recorded, as in monitor mode.</summary>
    public bool NeverRefuse { get; init; }

    /// <summary>Whether this would change nothing in a session that knows the run.</summary>
    public bool IsIdle => Spends is null or { Length: 0 } && Plan is null && !Step && !Closing && !Advances && Asks == Helper.None && Risk <= 0 && Call == 0 && Result == 0 && Labels == SessionLabels.None && Trajectory is null;
}
