using Aegis.Policies;
using Microsoft.Extensions.Logging;

namespace Aegis.Alerting;

/// <summary>What is logged of alerts: no address, no secret, no message of an exception, and nothing that breaks a line. A log that throws is nobody's concern here.</summary>
internal static partial class AlertLog
{
    public static void Tell(ILogger logger, Alert alert)
    {
        var (summary, policy) = (alert.Summary, Plain.Of(alert.Policy));
        if (alert.State == AlertState.Fired)
        {
            Fired(logger, summary, policy, alert.Id);
        }
        else
        {
            Resolved(logger, summary, policy, alert.Id);
        }
    }

    public static void Undone(ILogger logger, Alert alert, AlertAction action, Exception failure)
    {
        try
        {
            NotDelivered(logger, alert.Rule, action, failure.GetType().Name, alert.Id);
        }
        catch (Exception)
        {
            // The log itself has failed, or it is what was to be done.
        }
    }

    public static void Full(ILogger logger, string rule, long dropped)
    {
        try
        {
            NoRoom(logger, rule, AlertLane.Capacity, dropped);
        }
        catch (Exception)
        {
            // The request goes on.
        }
    }

    public static void Forgets(ILogger logger, string rule, long forgotten)
    {
        try
        {
            NoRoomToCount(logger, rule, forgotten);
        }
        catch (Exception)
        {
            // The request goes on.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Alert {Summary} (policy {Policy}; alert {AlertId})")]
    private static partial void Fired(ILogger logger, string summary, string policy, string alertId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Alert over {Summary} (policy {Policy}; alert {AlertId})")]
    private static partial void Resolved(ILogger logger, string summary, string policy, string alertId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Alert of rule {Rule} was not delivered by {Action}: {Exception} (alert {AlertId})")]
    private static partial void NotDelivered(ILogger logger, string rule, AlertAction action, string exception, string alertId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Alerts of rule {Rule} are lost: {Capacity} of them wait already. {Dropped} were lost so far; this is said once a minute at most")]
    private static partial void NoRoom(ILogger logger, string rule, int capacity, long dropped);

    [LoggerMessage(Level = LogLevel.Error, Message = "Alert rule {Rule} has more sessions, users or tenants to count for than there is room: {Forgotten} counts were forgotten so far, and alerts may be missing; this is said once in the rule's window, and once a minute at most")]
    private static partial void NoRoomToCount(ILogger logger, string rule, long forgotten);
}
