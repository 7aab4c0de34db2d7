namespace Aegis.Auditing;

/// <summary>Why the log's file cannot be written, in words of ours: they name no path.</summary>
internal sealed class AuditFileException(string message, Exception? inner = null) : IOException(message, inner);
