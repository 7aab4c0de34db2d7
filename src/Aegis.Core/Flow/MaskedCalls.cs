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
            : calls is null ? new("masked/unavailable", decision, 0.5) { Detail = "alignment.maskedReexecution: the step could not be taken again with the user's words hidden", IsFailure = decision == Decision.Flag }
            : calls.Any(other => IsSame(call, other, rules.EffectOf(call))) ? new("masked/from-data", decision, 1) { Detail = "the model makes this call without knowing what the user wants", Category = "goal-hijack", Owasp = ["LLM01:2025", "LLM06:2025"], Atlas = ["AML.T0051.001"] }
            : null;
    }

    /// <summary>
    /// The same tool with the same arguments, whatever it says to whom; or with one destination that both calls have, since each of several gets it; or with all
    /// people, accounts, places and objects of one call among those of the other, since what one of them lacks may have been hidden from it.
    /// </summary>
    private static bool IsSame(ToolCall call, ToolCall other, ToolEffect effect)
    {
        if (!ToolName.Of(call.Tool).Equals(ToolName.Of(other.Tool)))
        {
            return false;
        }

        var (targets, others) = (TargetsOf(call, effect, ArgumentRole.Id), TargetsOf(other, effect, ArgumentRole.Id));
        return call.Arguments.Is(other.Arguments)
            || TargetsOf(call, effect, ArgumentRole.Recipient).Overlaps(TargetsOf(other, effect, ArgumentRole.Recipient))
            || (targets.Count > 0 && others.Count > 0 && (targets.IsSubsetOf(others) || others.IsSubsetOf(targets)));
    }

    /// <summary>What a call is for, from some role on; of a list in one text every destination.</summary>
    private static HashSet<string> TargetsOf(ToolCall call, ToolEffect effect, ArgumentRole least)
    {
        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var leaf in call.Arguments.Leaves)
        {
            var role = effect.RoleOf(leaf.Argument);
            if (role >= least && leaf.Value.AsSpan().Trim().Length > 0)
            {
                targets.UnionWith((role is ArgumentRole.Recipient or ArgumentRole.Account or ArgumentRole.Channel ? AddressList.Of(leaf.Value) : [leaf.Value]).Select(static target => FlowText.Plain(target.Trim())));
            }
        }

        return targets;
    }
}
