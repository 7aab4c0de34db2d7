using Aegis.Tools;

namespace Aegis;

/// <summary>What a person is asked. Arguments are a model's text: escape them for the place where they are shown.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Arguments">The arguments that would run.</param>
/// <param name="Session">Whose conversation it is.</param>
/// <param name="Verdict">Why it is asked.</param>
/// <param name="DecisionId">Identity of the inspection.</param>
public sealed record ApprovalRequest(string Tool, ToolArguments Arguments, SessionId Session, Verdict Verdict, DecisionId DecisionId)
{
    /// <summary>Until when an answer counts.</summary>
    public DateTimeOffset Expires { get; init; }

    /// <summary>The version of the policy that asks, as <see cref="Events.AegisEvent.PolicyHash"/>. An answer counts for no other one.</summary>
    public string PolicyHash { get; init; } = "";

    /// <summary>Whether the call can run with other arguments: <see cref="ApprovalAnswer.Edited"/>.</summary>
    public bool IsEditable { get; init; }
}
