namespace Aegis;

/// <summary>An amount on a budget.</summary>
internal readonly record struct Spend(Budget Budget, long Amount);
