using System.Globalization;

namespace Aegis;

/// <summary>An alert did not arrive. Says neither where it was sent nor what.</summary>
public sealed class AlertWebhookException : AegisException
{
    internal AlertWebhookException(AlertWebhookFailure failure, int? status)
        : base($"The alert did not arrive: {failure}{(status is { } code ? string.Create(CultureInfo.InvariantCulture, $" ({code})") : "")}.") => (Failure, Status) = (failure, status);

    /// <summary>Why.</summary>
    public AlertWebhookFailure Failure { get; }

    /// <summary>The status of the answer.</summary>
    /// <value><see langword="null"/>: there was none.</value>
    public int? Status { get; }

    /// <summary>Whether another try may succeed.</summary>
    internal bool MayPass => Failure == AlertWebhookFailure.Unreachable || Status is 408 or 429 or >= 500;
}
