namespace Aegis.SemanticKernel;

/// <summary>A service of a kernel that a guard stands before.</summary>
internal interface IGuardedService
{
    AegisGuard Guard { get; }
}
