namespace Aegis.Policies;

/// <summary>What an alert is sent as.</summary>
public enum WebhookFormat
{
    /// <summary>JSON with everything that the alert says.</summary>
    Generic,

    /// <summary>A message for an incoming webhook of Slack, or of who speaks its format.</summary>
    Slack,

    /// <summary>An event of PagerDuty's Events API v2. The secret is the integration key.</summary>
    PagerDuty,
}
