using Aegis.Policies;
using Aegis.Policies.Documents;

namespace Aegis.Alerting;

/// <summary>Alert rules in words, without addresses and secrets.</summary>
internal static class AlertWords
{
    /// <summary>When a rule fires, and what happens then.</summary>
    public static string Of(AlertRulePolicy policy)
    {
        var (rule, number, window) = (new AlertRule(policy), Alert.Number(policy.Condition.Threshold), DurationShape.Text(policy.Condition.Window));
        var when = rule.Type switch
        {
            AlertConditionType.RateSpike => $"more than {number} {rule.Condition.Event} in {window}",
            AlertConditionType.SessionKills => $"more than {number} ended runs and locked sessions in {window}",
            AlertConditionType.CostAnomaly => $"a cost of more than {number} in {window}",
            AlertConditionType.ScanBlockRate => FormattableString.Invariant($"a share of blocked texts of more than {number} in {window}, of {rule.Minimum} at least"),
            _ => $"more than {number} blocked attacks in {window}",
        };
        var who = rule.Per switch { AlertScope.Session => " of a session", AlertScope.Principal => " of a user", AlertScope.Tenant => " of a tenant", _ => "" };
        var then = policy.Action switch { AlertAction.Webhook => "an alert is sent", AlertAction.Callback => "the app is called", _ => "a warning is logged" };
        return $"alert {policy.Id}: {when}{who}: {then}, not again for {DurationShape.Text(policy.Cooldown)}";
    }
}
