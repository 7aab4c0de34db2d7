using System.Diagnostics;
using Aegis.Auditing;
using Microsoft.Extensions.Logging;

namespace Aegis.Telemetry;

/// <summary>Sends audit records to OpenTelemetry, a log record each.</summary>
/// <param name="logger">OpenTelemetry's.</param>
internal sealed class OtelTransport(ILogger logger) : IAuditForwarder
{
    public const string Category = "Aegis.Audit";

    public ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        var before = Activity.Current;
        Activity.Current = null;   // that of the request which began the work of sending; the records are of others
        try
        {
            foreach (var record in records)
            {
                Write(record);
            }
        }
        finally
        {
            Activity.Current = before;
        }

        return default;
    }

    private void Write(AuditRecord record)
    {
        var level = LevelOf(record);
        if (logger.IsEnabled(level))
        {
            var (id, state) = (new EventId(0, record.Type), new AuditState(record));
            logger.Log(level, id, state, null, static (state, _) => state.ToString());
        }
    }

    private static LogLevel LevelOf(AuditRecord record) =>
        record.Type is AuditTypes.Gap or AuditTypes.Spill or AuditTypes.Recovery ? LogLevel.Error
        : record.Decision >= Decision.Ask ? LogLevel.Warning
        : LogLevel.Information;
}
