using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>What a pipeline is made of that is attacked.</summary>
public sealed class RedTeamSetup
{
    /// <summary>The scripted model, to be the innermost client.</summary>
    public required IChatClient Model { get; init; }

    /// <summary>The guard that the pipeline must use: the policy's. Each try has a session and a user of its own.</summary>
    public required AegisGuard Guard { get; init; }
}
