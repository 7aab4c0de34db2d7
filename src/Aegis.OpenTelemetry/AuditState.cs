using System.Collections;
using Aegis.Auditing;

namespace Aegis.Telemetry;

/// <summary>An audit record as a log record: its members as attributes, and as text the line that the file would have.</summary>
internal sealed class AuditState : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly List<KeyValuePair<string, object?>> _attributes = new(14);

    public AuditState(AuditRecord record)
    {
        Record = record;
        Add(TelemetryNames.Event, record.Type);
        Add(TelemetryNames.Decision, record.Decision is { } decision ? AuditJson.NameOf(decision) : null);
        Add(TelemetryNames.Verdict, record.Verdict is { } verdict ? AuditJson.NameOf(verdict) : null);
        Add(TelemetryNames.DecisionId, record.DecisionId);
        Add(TelemetryNames.Rules, record.Rules.Count > 0 ? record.Rules.ToArray() : null);
        Add(TelemetryNames.Owasp, record.Owasp.Count > 0 ? record.Owasp.ToArray() : null);
        Add(TelemetryNames.Atlas, record.Atlas.Count > 0 ? record.Atlas.ToArray() : null);
        Add(TelemetryNames.Checkpoint, record.Checkpoint is { } checkpoint ? AuditJson.NameOf(checkpoint) : null);
        Add(TelemetryNames.Tool, record.Tool);
        Add(TelemetryNames.Conversation, record.Session);
        Add(TelemetryNames.Run, record.Run > 0 ? record.Run : null);
        Add(TelemetryNames.Policy, record.Policy);
        Add(TelemetryNames.PolicyHash, record.PolicyHash);
        Add(AppInstance.Instance, record.Instance);
        Add(AppInstance.Region, record.Region);
    }

    public AuditRecord Record { get; }

    public int Count => _attributes.Count;

    public KeyValuePair<string, object?> this[int index] => _attributes[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _attributes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => Record.ToJson();

    private void Add(string name, object? value)
    {
        if (value is not null)
        {
            _attributes.Add(new(name, value));
        }
    }
}
