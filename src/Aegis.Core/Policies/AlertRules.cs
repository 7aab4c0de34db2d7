using System.Text;
using Aegis.Alerting;
using Aegis.Policies.Documents;

namespace Aegis.Policies;

/// <summary>Makes alert rules ready: finds addresses and secrets, and whoever is told.</summary>
internal static class AlertRules
{
    private const string Prefix = "whsec_";
    private const int LeastBytes = 32;
    private const int LeastWebhookKey = 24;

    /// <summary>The rules; none when one has a mistake.</summary>
    public static IReadOnlyList<AlertRule> Of(AlertingPolicy policy, SecretSource secrets, AlertOutlets outlets, PolicyChecks checks)
    {
        var rules = new List<AlertRule>();
        for (var i = 0; i < (policy.Rules?.Count ?? 0); i++)
        {
            if (policy.Rules![i] is not { Id: { } id, Condition: not null } rule)
            {
                continue;   // a mistake that was named
            }

            var path = FormattableString.Invariant($"$.alerting.rules[{i}]");
            if (rule.Action == AlertAction.Callback && !outlets.HasCallback(id))
            {
                checks.Add(PolicyErrorCodes.Missing, $"{path}.action", $"calls nobody. Call OnAlert(\"{PolicyErrorList.Shown(id)}\", …) or OnAlert(…).");
            }

            if (rule.Action == AlertAction.Webhook && outlets.Webhook is null)
            {
                checks.Add(PolicyErrorCodes.Missing, $"{path}.action", "has nothing that sends. Add the package Aegis.AI.Alerting and call UseAlertWebhooks(), or UseAlertWebhook with a sender of yours.");
            }

            rules.Add(new(rule, rule.Action == AlertAction.Webhook ? TargetOf(rule, path, secrets, outlets.Webhook?.AllowsLoopback == true, checks) : null));
        }

        return rules;
    }

    private static AlertTarget? TargetOf(AlertRulePolicy rule, string path, SecretSource secrets, bool allowsLoopback, PolicyChecks checks)
    {
        if ((rule.WebhookUrl ?? (rule.Format == WebhookFormat.PagerDuty ? WebhookAddress.PagerDuty : "")) is not { Length: > 0 } said)
        {
            return null;   // a mistake that was named
        }

        Uri? address = null;
        var text = secrets.Find(said, out var mistake);
        mistake = text is null ? mistake : WebhookAddress.TryRead(text, allowsLoopback, out address);
        if (mistake is not null)
        {
            checks.Add(PolicyErrorCodes.Secret, $"{path}.webhookUrl", mistake);
        }

        var format = rule.Format ?? (address is null ? WebhookFormat.Generic : WebhookAddress.FormatOf(address));
        ReadOnlyMemory<byte> key = default;
        if (rule.Secret is { Length: > 0 } secret)
        {
            key = secrets.Find(secret, out mistake) is not { } found ? default : format == WebhookFormat.PagerDuty ? Encoding.UTF8.GetBytes(found) : KeyOf(found);
            if (mistake is not null || key.IsEmpty)
            {
                checks.Add(PolicyErrorCodes.Secret, $"{path}.secret", mistake ?? FormattableString.Invariant($"is too short. A secret has {LeastBytes} bytes of UTF-8 at least, or is '{Prefix}' and {LeastWebhookKey} bytes or more in Base64; 'aegis key new' makes one."));
            }
        }
        else if (rule.Format is null && address is not null && AlertChecks.MissingSecretOf(format) is { } missing)
        {
            checks.Add(PolicyErrorCodes.Missing, path, missing);
        }

        return address is null ? null : new(address, format, key);
    }

    /// <summary>The key that a secret is; empty: it is too short.</summary>
    private static byte[] KeyOf(string secret)
    {
        if (secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            var bytes = new byte[secret.Length];
            return Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var count) && count >= LeastWebhookKey ? bytes[..count] : [];
        }

        return Encoding.UTF8.GetByteCount(secret) >= LeastBytes ? Encoding.UTF8.GetBytes(secret) : [];
    }
}
