using Aegis.Tools;

namespace Aegis;

/// <summary>What a person is asked.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Arguments">The arguments that would run.</param>
/// <param name="Session">Whose conversation it is.</param>
/// <param name="Verdict">Why it is asked.</param>
/// <param name="DecisionId">Identity of the inspection.</param>
public sealed record ApprovalRequest(string Tool, ToolArguments Arguments, SessionId Session, Verdict Verdict, DecisionId DecisionId);
