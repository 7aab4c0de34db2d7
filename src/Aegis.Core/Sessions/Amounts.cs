namespace Aegis;

/// <summary>How much of everything a piece of work spends; of tokens and cost it may be less than nothing, where more had been set aside.</summary>
internal readonly record struct Amounts(WorkKind Kind)
{
    public long ToolCalls { get; init; }

    public long EgressBytes { get; init; }

    public long Tokens { get; init; }

    public long CostMicros { get; init; }

    /// <summary>Whether no more than this can be used, so that it must fit. Else something must be left, and the one that takes the last of it may take more.</summary>
    public bool IsBounded { get; init; }

    /// <summary>Whether time must be left: a last word may come when it is up.</summary>
    public bool Begins { get; init; }

    /// <summary>Whether a model is about to be asked.</summary>
    public bool Asks => Kind is WorkKind.Step or WorkKind.Closing or WorkKind.Help;

    /// <summary>Without what had been set aside for it.</summary>
    public Amounts Without(Amounts reserved) => this with { Tokens = Tokens - reserved.Tokens, CostMicros = CostMicros - reserved.CostMicros };

    /// <summary>What undoes it.</summary>
    public Amounts Undone => this with { ToolCalls = -ToolCalls, EgressBytes = -EgressBytes, Tokens = -Tokens, CostMicros = -CostMicros };
}
