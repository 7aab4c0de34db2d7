using System.Text.Json;
using Aegis.ExtensionsAI;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Aegis.AgentFramework;

/// <summary>Carries a run's session and options through the guard, which passes clones on.</summary>
internal sealed class AgentCall : ChatOptions, IMessagesOfOthers
{
    private const string StateKey = "aegis.session";

    private readonly string? _id;

    public AgentCall(AgentSession? session, AgentRunOptions? options)
    {
        (Session, RunOptions) = (session, options);
        _id = session is null ? null : IdOf(session);
        ConversationId = _id;   // an agent may go on without a new message: its session has the ones before
    }

    private AgentCall(AgentCall other)
        : base(other) => (Session, RunOptions, _id) = (other.Session, other.RunOptions, other._id);

    public AgentSession? Session { get; }

    public AgentRunOptions? RunOptions { get; }

    public override ChatOptions Clone() => new AgentCall(this);

    /// <summary>Whose conversation it is, where the host has not said so: the session's.</summary>
    public AegisScope? Begin() => _id is null || AegisAmbient.Current is not { Scope: null, Run: null } ? null : AegisScope.Begin(new SessionId(_id));

    /// <summary>The id that the session's state carries; whatever else stands there is replaced.</summary>
    private static string IdOf(AgentSession session)
    {
        lock (session)
        {
            string? known;
            try
            {
                known = session.StateBag.GetValue<string>(StateKey);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
            {
                known = null;
            }

            if (known is null || !Guid.TryParseExact(known, "N", out _))
            {
                session.StateBag.SetValue(StateKey, known = Guid.NewGuid().ToString("N"));
            }

            return $"agent-{known}";
        }
    }
}
