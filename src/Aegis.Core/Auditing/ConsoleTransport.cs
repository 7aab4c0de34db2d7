using System.Text;

namespace Aegis.Auditing;

/// <summary>Writes records to standard output, a line each.</summary>
internal sealed class ConsoleTransport : IAuditTransport
{
    public async ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        var lines = new StringBuilder();
        foreach (var record in records)
        {
            lines.Append(record.ToJson().TrimEnd('\n')).Append('\n');
        }

        await Console.Out.WriteAsync(lines, cancellationToken);
    }
}
