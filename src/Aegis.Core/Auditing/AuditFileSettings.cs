using Aegis.Policies;

namespace Aegis.Auditing;

/// <summary>How a log's file is written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Keys">What signs it.</param>
/// <param name="Policy">Rotation, checkpoints and when to force it onto the disk.</param>
internal sealed record AuditFileSettings(string Path, AuditKeys Keys, AuditPolicy Policy);
