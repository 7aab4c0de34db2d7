using System.Collections.Immutable;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>
/// Once a session has read what others may have written, a call that sends or changes something must be what the user asked for, and must go where
/// the user, the host or a directory says; what it takes along must not be private unless the user sent it there. Assumes the worst: that the model obeys every
/// instruction that it reads.
/// </summary>
internal sealed class FlowGuard(FlowSettings settings, ToolRules rules) : IGuard<ToolCall>
{
    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken)
    {
        if (context.Flow is not { } memory)
        {
            return new(Verdict.None);
        }

        var isForgotten = memory.HasForgotten(context.State.Labels);
        if (!context.Labels.HasFlag(SessionLabels.Untrusted))
        {
            return new(Verdict.None);   // nobody but the user and the host has told the model anything
        }

        var (effect, actions, reach) = DoingOf(subject, rules);
        if (reach == ToolReach.Read)
        {
            return new(Verdict.None);
        }

        if (subject.Arguments.Leaves.Count > FlowCall.MaxLeaves)
        {
            return new(Verdict.Of(Unfit(new("flow/too-long", FormattableString.Invariant($"more than {FlowCall.MaxLeaves} values")))));
        }

        var call = new FlowCall(effect, actions, reach, rules.For(subject), subject.Arguments, memory);
        var findings = new List<Finding>();
        if (reach == ToolReach.Fetch)
        {
            findings.AddRange(call.Addresses().Select(Unfit));
        }
        else
        {
            if (!call.IsRequested(isForgotten))
            {
                findings.Add(Unfit(new("flow/unrequested", $"{effect.Reason}: the user's request does not ask for it{(actions.IsEmpty ? "; if it neither sends nor changes anything, say so with tools.<name>.sink: false" : "")}")));
            }

            findings.AddRange(call.Destinations().Concat(call.References()).Concat(call.Links()).Select(Unfit));
        }

        var isAstray = findings.Exists(static finding => finding.Rule is "flow/destination" or "flow/link" or "flow/address");
        if (settings.Exfiltration is { } exfiltration && (findings.Count > 0 || call.GoesAnywhere) && call.CarriesPrivate(isSound: !isAstray))
        {
            findings.Add(new("flow/exfiltration", isAstray ? exfiltration : settings.Unfit, 1) { Detail = "it carries private data that a tool returned", Category = "data-exfiltration" });
        }

        if (RuleOfTwo.Forbids(context.Labels, reach, isDeclassified: findings.Count == 0, settings.AlwaysAsks) && (findings.Count == 0 || settings.SaysRuleOfTwo))
        {
            findings.Add(new("flow/rule-of-two", Decision.Ask, 0.5) { Detail = "the session has read untrusted and private data" });
        }

        return new(Verdict.Of([.. findings]));
    }

    /// <summary>What a call does: what its tool does, or what the argument says that chooses.</summary>
    public static (ToolEffect Effect, ImmutableArray<ToolAction> Actions, ToolReach Reach) DoingOf(ToolCall call, ToolRules rules)
    {
        var effect = rules.EffectOf(call);
        var (actions, reach) = (effect.Actions, effect.Reach);
        var declared = rules.For(call).Declared?.Sink;
        if (declared is false)
        {
            return (effect, actions, ToolReach.Read);
        }

        // An argument that the tool does not have chooses nothing; one of which nobody knows whether it has it may only say more.
        List<(ImmutableArray<ToolAction> Actions, bool IsRead)?> chosen = [.. call.Arguments.Leaves.Where(leaf => ToolEffectInference.Default.Chooses(leaf.Argument) && effect.Takes(leaf.Argument) && (effect.HasSchema || actions.IsEmpty)).Select(static leaf => ToolEffectInference.Default.Of(leaf.Value))];
        if (chosen.Exists(static choice => choice is { IsRead: false }))
        {
            actions = [.. chosen.Where(static choice => choice is { IsRead: false }).SelectMany(static choice => choice!.Value.Actions).Distinct()];
            reach = Max(reach, actions.Max(static action => action.Reach));
        }
        else if (chosen.Count > 0 && chosen.TrueForAll(static choice => choice is { IsRead: true }) && effect.IsOpen && effect.HasSchema)
        {
            (actions, reach) = ([], effect.Roles.Values.Contains(ArgumentRole.Host) ? ToolReach.Fetch : ToolReach.Read);
        }
        else if (Statement.Of(call.Arguments.Leaves, effect) is { } statement)
        {
            actions = statement.IsRead ? [] : [.. actions, .. statement.Actions];
            reach = statement.IsRead ? ToolReach.Read : Max(reach, ToolReach.Write);
        }
        else if (reach == ToolReach.Read && !effect.Sends.IsEmpty && call.Arguments.Leaves.Any(leaf => effect.RoleOf(leaf.Argument) is ArgumentRole.Content or >= ArgumentRole.Recipient))
        {
            (actions, reach) = (effect.Sends, ToolReach.Egress);   // an email_report with a recipient is no report on mail
        }

        if (declared is true && reach < ToolReach.Write)
        {
            reach = ToolReach.Egress;
        }

        return (effect, actions, reach);
    }

    private static ToolReach Max(ToolReach one, ToolReach other) => one > other ? one : other;

    private Finding Unfit(FlowFault fault) => new(fault.Rule, settings.Unfit, 0.5) { Detail = fault.Detail, Category = "goal-hijack", Owasp = ["LLM01:2025", "LLM06:2025"] };
}
