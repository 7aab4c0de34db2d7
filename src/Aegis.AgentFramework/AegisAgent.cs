using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Aegis.AgentFramework;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Aegis;

/// <summary>
/// Guards an agent: what enters it, what it answers, and functions that its chat client's loop runs. Put a guarded chat client into the agent too,
/// with the same guard, so that every model step passes; then each is judged and charged once. Thread-safe if the agent is.
/// </summary>
/// <remarks>Counts by the <see cref="AegisScope"/> of the host; without one, by the <see cref="AgentSession"/>, whose state carries an id that Aegis makes.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The client owns nothing: the agent belongs to whoever made it.")]
public sealed class AegisAgent : DelegatingAIAgent
{
    private readonly AegisChatClient _client;

    /// <summary>Guards an agent.</summary>
    /// <param name="innerAgent">The agent.</param>
    /// <param name="guard">The guard. Layers that share it count together.</param>
    public AegisAgent(AIAgent innerAgent, AegisGuard guard)
        : base(innerAgent) => _client = new(new AgentClient(innerAgent), guard);

    /// <inheritdoc/>
    /// <remarks>Also gives the <see cref="AegisGuard"/>, for its sessions.</remarks>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(AegisGuard) ? _client.GetService(serviceType) : base.GetService(serviceType, serviceKey);

    /// <inheritdoc/>
    /// <exception cref="AegisBlockedException">The request was blocked and the policy says <c>onBlock: throw</c>.</exception>
    protected override async Task<AgentResponse> RunCoreAsync(IEnumerable<ChatMessage> messages, AgentSession? session = null, AgentRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = new AgentCall(session, options);
        using var scope = call.Begin();
        var response = await _client.GetResponseAsync(messages, call, cancellationToken);
        return new(response) { AgentId = Id, RawRepresentation = response.RawRepresentation };
    }

    /// <inheritdoc/>
    /// <exception cref="AegisBlockedException">The request was blocked and the policy says <c>onBlock: throw</c>; what was let out before stays.</exception>
    protected override async IAsyncEnumerable<AgentResponseUpdate> RunCoreStreamingAsync(
        IEnumerable<ChatMessage> messages, AgentSession? session = null, AgentRunOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<ChatResponseUpdate> updates;
        var call = new AgentCall(session, options);
        using (call.Begin())
        {
            updates = _client.GetStreamingResponseAsync(messages, call, cancellationToken);   // belongs to the scope that it was made in
        }

        await foreach (var update in updates)
        {
            yield return new(update) { AgentId = Id, RawRepresentation = update.RawRepresentation };
        }
    }
}
