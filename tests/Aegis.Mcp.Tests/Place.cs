namespace Aegis.Mcp.Tests;

/// <summary>Where Aegis stands before the tools of a server.</summary>
public enum Place
{
    Outside,
    Inside,
    Sandwich,
    Manual,
    KernelFilters,
    KernelServices,
}
