using Microsoft.Extensions.Logging;

namespace Aegis.Auditing;

/// <summary>Writes records to the app's log, under the category <c>Aegis.Audit</c>, an entry each.</summary>
internal sealed partial class LoggerTransport(ILogger logger) : IAuditTransport
{
    public ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (logger.IsEnabled(LogLevel.Information))
            {
                var json = record.ToJson();
                Recorded(logger, record.Type, record.DecisionId, json);
            }
        }

        return default;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{AuditType} {DecisionId} {Record}")]
    private static partial void Recorded(ILogger logger, string auditType, string? decisionId, string record);
}
