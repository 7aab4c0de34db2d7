namespace Aegis;

/// <summary>An amount on a budget; less than nothing gives back.</summary>
internal readonly record struct Spend(Budget Budget, long Amount)
{
    /// <summary>Whether tokens or cost are set aside before they are spent: there must be room for all of them.</summary>
    public bool InAdvance { get; init; }

    /// <summary>Whether it is enough that something is left: nobody knows how much it will be.</summary>
    public bool MayCross { get; init; }

    /// <summary>Whether it is charged whatever is left.</summary>
    public bool IsUnchecked { get; init; }

    /// <summary>When that was charged which is given back.</summary>
    public DateTimeOffset Taken { get; init; }

    /// <summary>What gives this back.</summary>
    public Spend Back(DateTimeOffset taken) => new(Budget, -Amount) { Taken = taken };

    /// <summary>What undoes this, which was charged then.</summary>
    public Spend Undone(DateTimeOffset taken) => Amount > 0 ? Back(taken) : new(Budget, -Amount) { IsUnchecked = true };
}
