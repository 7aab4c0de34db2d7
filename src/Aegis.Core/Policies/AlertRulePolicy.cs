namespace Aegis.Policies;

/// <summary>A rule that tells somebody.</summary>
/// <param name="Id">Its name, once: 1 to 64 letters, digits, <c>-</c> and <c>_</c> of ASCII.</param>
/// <param name="Condition">When it fires.</param>
public sealed record AlertRulePolicy(string Id, AlertConditionPolicy Condition)
{
    /// <summary>For whom it counts apart.</summary>
    /// <value><see langword="null"/>: for each session in <see cref="AlertConditionType.RepeatedAttacker"/>, else for all together.</value>
    public AlertScope? Per { get; init; }

    /// <summary>What happens beside the event.</summary>
    /// <value><see cref="AlertAction.Log"/>.</value>
    public AlertAction Action { get; init; }

    /// <summary>Where it is sent: <c>${env:NAME}</c>, <c>${config:PATH}</c>, or in code the address itself; https and a public host.</summary>
    /// <value><see langword="null"/>: nowhere, which <see cref="AlertAction.Webhook"/> refuses.</value>
    public string? WebhookUrl { get; init; }

    /// <summary>What it is sent as.</summary>
    /// <value><see langword="null"/>: what the host speaks: <c>hooks.slack.com</c> Slack, <c>events.pagerduty.com</c> PagerDuty, others the generic form.</value>
    public WebhookFormat? Format { get; init; }

    /// <summary>What it is signed with, as Standard Webhooks says (32 bytes of UTF-8 at least, or <c>whsec_</c> and Base64); for PagerDuty the integration key. <c>${env:NAME}</c>, <c>${config:PATH}</c>, or in code the secret itself.</summary>
    /// <value><see langword="null"/>: it is not signed, which only Slack's form may be.</value>
    public string? Secret { get; init; }

    /// <summary>How long it is silent, for the same session, user or tenant, after it has fired.</summary>
    /// <value>1 minute.</value>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Which rule it is, without its secrets.</summary>
    /// <returns>Its id.</returns>
    public override string ToString() => Id;
}
