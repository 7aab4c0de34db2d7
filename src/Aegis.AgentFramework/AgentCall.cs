using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Aegis.AgentFramework;

/// <summary>Carries a run's session and options through the guard, which passes clones on.</summary>
internal sealed class AgentCall : ChatOptions
{
    public AgentCall(AgentSession? session, AgentRunOptions? options)
    {
        (Session, RunOptions) = (session, options);
        ConversationId = AegisAmbient.Current.Scope is null ? null : "agent";   // an agent may go on without a new message; the scope names the conversation
    }

    private AgentCall(AgentCall other)
        : base(other) => (Session, RunOptions) = (other.Session, other.RunOptions);

    public AgentSession? Session { get; }

    public AgentRunOptions? RunOptions { get; }

    public override ChatOptions Clone() => new AgentCall(this);
}
