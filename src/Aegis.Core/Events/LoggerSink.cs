using Microsoft.Extensions.Logging;

namespace Aegis.Events;

/// <summary>Writes events to an <see cref="ILogger"/>: what is stopped as a warning, what is found as information, the rest at debug level.</summary>
internal sealed partial class LoggerSink(ILogger logger) : IEventSink
{
    public void Write(AegisEvent e)
    {
        if (e is { Checkpoint: null, Lock: null })
        {
            return;   // a policy that changed: the guard has said so in words
        }

        var level = e.Decision >= Decision.Ask ? LogLevel.Warning : e.Verdict.Findings.IsEmpty && e.Lock is null ? LogLevel.Debug : LogLevel.Information;
        if (logger.IsEnabled(level) && e is { Lock: not null, Change: { } change })
        {
            Locked(logger, level, e.Type, e.Lock.Value, change.Until, e.Verdict.Rule, change.By, change.Reason, e.Policy, e.Id);
        }
        else if (logger.IsEnabled(level))
        {
            Inspected(logger, level, e.Type, e.Decision, e.Verdict.Rule, e.ShownTool, e.Verdict.Deciding?.Detail, e.Policy, e.Id);
        }
    }

    [LoggerMessage(Message = "{Event}: {Lock} until {Until:u} (rule {Rule}; by {By}; {Reason}; policy {Policy}; decision {DecisionId})")]
    private static partial void Locked(ILogger logger, LogLevel level, string @event, SessionLockKind @lock, DateTimeOffset? until, string? rule, string? by, string? reason, string policy, DecisionId decisionId);

    [LoggerMessage(Message = "{Event}: {Decision} by {Rule} (tool {Tool}; {Detail}; policy {Policy}; decision {DecisionId})")]
    private static partial void Inspected(ILogger logger, LogLevel level, string @event, Decision decision, string? rule, string? tool, string? detail, string policy, DecisionId decisionId);
}
