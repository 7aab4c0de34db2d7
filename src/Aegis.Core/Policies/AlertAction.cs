namespace Aegis.Policies;

/// <summary>What happens when an alert rule fires, beside the event.</summary>
public enum AlertAction
{
    /// <summary>A warning is logged.</summary>
    Log,

    /// <summary>The alert is sent to <see cref="AlertRulePolicy.WebhookUrl"/>.</summary>
    Webhook,

    /// <summary>The app is called: <see cref="AegisBuilder.OnAlert(Func{Alerting.Alert, CancellationToken, ValueTask})"/>.</summary>
    Callback,
}
