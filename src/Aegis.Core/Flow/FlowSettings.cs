using Aegis.Policies;

namespace Aegis.Flow;

/// <summary>What the policy says of flows, as decisions.</summary>
internal sealed class FlowSettings(AegisPolicy policy)
{
    /// <summary>What happens to a call that does not serve the task.</summary>
    public Decision Unfit { get; } = policy.DataFlow.Provenance == ProvenanceMode.Flag ? Decision.Flag : PolicyCompiler.DecisionOn(policy.Alignment.Strictness);

    /// <summary>What happens to private data that would go where the user did not send it.</summary>
    public Decision? Exfiltration { get; } = !policy.DataFlow.NoExfiltration ? null : policy.DataFlow.Provenance == ProvenanceMode.Flag || policy.Alignment.Strictness == AlignmentStrictness.Low ? Decision.Flag : Decision.Block;

    /// <summary>Whether it is said of every call that the rule of two forbids, also where something else is found: a judge that answers for people does not answer that.</summary>
    public bool SaysRuleOfTwo { get; } = policy.Judge?.AnswersQuestions == true;

    /// <summary>Whether a session that has read both untrusted and private data asks before every call that sends or changes something, however well its values are accounted for.</summary>
    public bool AlwaysAsks { get; } = policy.Alignment.Strictness == AlignmentStrictness.High && policy.DataFlow.Provenance == ProvenanceMode.Enforce;
}
