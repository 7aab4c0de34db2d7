namespace Aegis.Alerting;

/// <summary>Sends alerts: <see cref="AegisBuilder.UseAlertWebhook"/>. The package <c>Aegis.AI.Alerting</c> has one. Called from a background task, one alert of a rule at a time.</summary>
public interface IAlertWebhook
{
    /// <summary>Whether receivers on this machine may be addressed, over http too. For tests and receivers of your own beside the app.</summary>
    bool AllowsLoopback { get; }

    /// <summary>Sends one alert, retries included. An exception says that it did not arrive; its type is logged, its message is not.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>When it has arrived.</returns>
    ValueTask SendAsync(Alert alert, AlertTarget target, CancellationToken cancellationToken);
}
