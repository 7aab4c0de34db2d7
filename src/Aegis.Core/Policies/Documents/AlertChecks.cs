using Aegis.Alerting;

namespace Aegis.Policies.Documents;

/// <summary>What can be said of alert rules without knowing who is told: members that want or exclude each other, thresholds, secrets.</summary>
internal static class AlertChecks
{
    private const string Way = "Write '${env:NAME}' and set the variable, or '${config:PATH}'.";

    /// <summary>Adds the mistakes.</summary>
    public static void Check(AegisPolicy policy, PolicyChecks checks)
    {
        if (policy.Alerting is not { Rules: { } rules })
        {
            return;
        }

        if (rules.Count is 0 or > AlertRule.MostRules)
        {
            checks.Add(rules.Count == 0 ? PolicyErrorCodes.Missing : PolicyErrorCodes.Range, "$.alerting.rules", rules.Count == 0 ? "is empty, so that nobody would be told. Add a rule, or leave 'alerting' out." : FormattableString.Invariant($"has {rules.Count:N0} rules. Use {AlertRule.MostRules:N0} at most."));
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(rules.Count, AlertRule.MostRules); i++)
        {
            if (rules[i] is not { Id: not null, Condition: not null } rule)
            {
                continue;   // the shape has said so
            }

            var path = FormattableString.Invariant($"$.alerting.rules[{i}]");
            if (!ids.Add(rule.Id))
            {
                checks.Add(PolicyErrorCodes.Duplicate, $"{path}.id", $"'{PolicyErrorList.Shown(rule.Id)}' is the id of another rule. Give each its own: alerts name it.");
            }

            Check(rule.Condition, $"{path}.condition", checks);
            Check(rule, path, checks);
            if (rule.Condition.Type == AlertConditionType.CostAnomaly && policy.Budgets is not { Prices.Count: > 0 } && policy.DenialOfWallet is not { Prices.Count: > 0 })
            {
                checks.Add(PolicyErrorCodes.Contradiction, $"{path}.condition.type", "needs to know prices. Add budgets.prices or denialOfWallet.prices, for example { \"*\": { \"input\": 2.5, \"output\": 10 } }.");
            }
        }
    }

    /// <summary>Why a format without a secret is none; null: it needs none.</summary>
    public static string? MissingSecretOf(WebhookFormat format) => format switch
    {
        WebhookFormat.PagerDuty => $"'secret' is missing: PagerDuty wants an integration key. {Way}",
        WebhookFormat.Generic => $"'secret' is missing: without a signature the receiver takes alerts from anybody. {Way}",
        _ => null,   // Slack asks for none: its address is the secret
    };

    private static void Check(AlertConditionPolicy condition, string path, PolicyChecks checks)
    {
        if (condition.Type == AlertConditionType.RateSpike && condition.Event is null)
        {
            checks.Add(PolicyErrorCodes.Missing, path, "'event' is missing: 'rate-spike' counts one, for example 'scan_block'.");
        }
        else if (condition.Type != AlertConditionType.RateSpike && condition.Event is not null)
        {
            checks.Add(PolicyErrorCodes.Contradiction, $"{path}.event", "has no meaning here: only 'rate-spike' counts one kind of event. Leave it out.");
        }

        if (condition is { Minimum: not null, Type: not AlertConditionType.ScanBlockRate })
        {
            checks.Add(PolicyErrorCodes.Contradiction, $"{path}.minimum", "has no meaning here: only 'scan-block-rate' is a share of something. Leave it out.");
        }

        switch (condition.Type)
        {
            case AlertConditionType.ScanBlockRate when condition.Threshold >= 1:
                checks.Add(PolicyErrorCodes.Range, $"{path}.threshold", "is a share that nothing exceeds. Use 0 to below 1, for example 0.2.");
                break;
            case AlertConditionType.RateSpike or AlertConditionType.SessionKills or AlertConditionType.RepeatedAttacker when condition.Threshold > AlertRule.MostCounted || condition.Threshold != decimal.Truncate(condition.Threshold):
                checks.Add(PolicyErrorCodes.Range, $"{path}.threshold", FormattableString.Invariant($"is a number of events. Use a whole number, 0 to {AlertRule.MostCounted:N0}."));
                break;
            default:
                break;
        }
    }

    private static void Check(AlertRulePolicy rule, string path, PolicyChecks checks)
    {
        if (rule is { Condition.Type: AlertConditionType.RepeatedAttacker, Per: AlertScope.All or AlertScope.Tenant })
        {
            checks.Add(PolicyErrorCodes.Contradiction, $"{path}.per", "is nobody in particular: 'repeated-attacker' counts for each 'session' or 'principal'. For others use 'rate-spike'.");
        }

        if (rule.Action != AlertAction.Webhook)
        {
            foreach (var (member, _) in new[] { ("webhookUrl", rule.WebhookUrl as object), ("format", rule.Format), ("secret", rule.Secret) }.Where(static member => member.Item2 is not null))
            {
                checks.Add(PolicyErrorCodes.Contradiction, $"{path}.{member}", "has no meaning here: nothing is sent. Say \"action\": \"webhook\", or leave it out.");
            }

            return;
        }

        if (rule is { WebhookUrl: null, Format: not WebhookFormat.PagerDuty })
        {
            checks.Add(PolicyErrorCodes.Missing, path, "'webhookUrl' is missing. Write '${env:NAME}' and set the variable, or '${config:PATH}'.");
        }

        if (rule is { Format: { } format, Secret: null } && MissingSecretOf(format) is { } missing)
        {
            checks.Add(PolicyErrorCodes.Missing, path, missing);
        }

        if (IsLiteral(rule.Secret) && checks.StandsInFile($"{path}.secret"))
        {
            checks.Add(PolicyErrorCodes.Secret, $"{path}.secret", $"is a secret in a file. {Way}");
        }

        // Whoever knows the address of Slack can post. That of others proves nothing where what is sent is signed, or carries a key.
        if (IsLiteral(rule.WebhookUrl) && checks.StandsInFile($"{path}.webhookUrl") && rule is not ({ Format: WebhookFormat.PagerDuty } or { Format: WebhookFormat.Generic, Secret: not null }))
        {
            checks.Add(PolicyErrorCodes.Secret, $"{path}.webhookUrl", $"is a secret in a file: whoever knows it can send to it. {Way} It may stand here with \"format\": \"generic\" and a 'secret', or with \"format\": \"pagerduty\".");
        }
    }

    private static bool IsLiteral(string? text) => text is { Length: > 0 } && !SecretSource.IsReference(text);
}
