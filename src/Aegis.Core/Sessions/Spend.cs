namespace Aegis;

/// <summary>An amount on a budget.</summary>
internal readonly record struct Spend(Budget Budget, long Amount)
{
    /// <summary>Whether tokens or cost are set aside before they are spent: there must be room for all of them.</summary>
    public bool InAdvance { get; init; }
}
