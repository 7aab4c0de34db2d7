namespace Aegis;

/// <summary>Sends alerts to webhooks.</summary>
public static class AegisBuilderAlertingExtensions
{
    /// <summary>Sends the alerts of rules whose action is <c>webhook</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">How; the defaults unless said otherwise.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static AegisBuilder UseAlertWebhooks(this AegisBuilder builder, AlertWebhookOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseAlertWebhook(new AlertWebhook(options));
    }
}
