namespace Aegis.Auditing;

/// <summary>The transport <c>otel</c>. It passes records on to an exporter that keeps them in memory and may lose them, so that nobody can wait for them to be kept.</summary>
internal interface IAuditForwarder : IAuditTransport;
