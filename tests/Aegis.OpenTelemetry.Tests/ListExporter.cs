using System.Diagnostics;
using OpenTelemetry;

namespace Aegis.OpenTelemetry.Tests;

/// <summary>Keeps spans as they end.</summary>
internal sealed class ListExporter(List<Activity> spans) : BaseExporter<Activity>
{
    public override ExportResult Export(in Batch<Activity> batch)
    {
        lock (spans)
        {
            foreach (var span in batch)
            {
                spans.Add(span);
            }
        }

        return ExportResult.Success;
    }
}
