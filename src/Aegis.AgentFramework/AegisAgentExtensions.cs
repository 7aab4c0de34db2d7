using Aegis;

namespace Microsoft.Agents.AI;

/// <summary>Puts Aegis around agents.</summary>
public static class AegisAgentExtensions
{
    /// <summary>Guards an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="guard">The guard.</param>
    /// <returns>The guarded agent.</returns>
    public static AIAgent WithAegis(this AIAgent agent, AegisGuard guard)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(guard);
        return new AegisAgent(agent, guard);
    }
}
