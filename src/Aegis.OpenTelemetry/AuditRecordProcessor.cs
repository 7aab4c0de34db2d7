using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Aegis.Telemetry;

/// <summary>Gives the log record of an audit record the time and the span of the inspection: it is sent later, and by nobody's request.</summary>
internal sealed class AuditRecordProcessor : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.Attributes is AuditState { Record: var record })
        {
            data.Timestamp = record.Time.UtcDateTime;
            data.TraceId = record.Trace.TraceId;
            data.SpanId = record.Trace.SpanId;
            data.TraceFlags = record.Trace.TraceFlags;
        }
    }
}
