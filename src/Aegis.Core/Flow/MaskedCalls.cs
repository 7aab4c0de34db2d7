using Aegis.Policies;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>Calls that a model has made with the user's words hidden; null: nobody could ask it.</summary>
internal sealed class MaskedCalls(IReadOnlyList<ToolCall>? calls, AlignmentStrictness strictness)
{
    /// <summary>What that says of a call that it made knowing them.</summary>
    public Finding? Against(ToolCall call, ToolRules rules)
    {
        var decision = PolicyCompiler.DecisionOn(strictness);
        return FlowGuard.DoingOf(call, rules).Reach < ToolReach.Write ? null
            : calls is null ? new("masked/unavailable", decision, 0.5) { Detail = "alignment.maskedReexecution: the step could not be taken again with the user's words hidden" }
            : calls.Any(other => IsSame(call, other, rules.EffectOf(call))) ? new("masked/from-data", decision, 1) { Detail = "the model makes this call without knowing what the user wants", Category = "goal-hijack", Owasp = ["LLM01:2025", "LLM06:2025"], Atlas = ["AML.T0051.001"] }
            : null;
    }

    /// <summary>The same tool with the same arguments, or for the same people, accounts, places and objects, whatever it says to them.</summary>
    private static bool IsSame(ToolCall call, ToolCall other, ToolEffect effect)
    {
        if (!ToolName.Of(call.Tool).Equals(ToolName.Of(other.Tool)))
        {
            return false;
        }

        var targets = TargetsOf(call, effect);
        return call.Arguments.Is(other.Arguments) || (targets.Count > 0 && targets.SetEquals(TargetsOf(other, effect)));
    }

    private static HashSet<string> TargetsOf(ToolCall call, ToolEffect effect) =>
        [.. call.Arguments.Leaves.Where(leaf => effect.RoleOf(leaf.Argument) > ArgumentRole.Content).Select(static leaf => FlowText.Plain(leaf.Value.Trim()))];
}
