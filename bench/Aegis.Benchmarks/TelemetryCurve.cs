using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Aegis.Benchmarks;

/// <summary>What telemetry adds to an inspection: while nobody listens, and with OpenTelemetry's SDK behind the meter, the source and both. In turns within one run; the best round of each.</summary>
internal static class TelemetryCurve
{
    private const int Rounds = 15;
    private const int Runs = 20_000;

    private static readonly SessionId Session = new("s");

    public static async Task RunAsync()
    {
        (string Name, bool Metrics, bool Traces)[] variants = [("nobody listens", false, false), ("metrics", true, false), ("traces", false, true), ("metrics and traces", true, true)];
        using var guard = AegisGuard.Create(new() { Scanner = null, DenialOfWallet = null });
        using var scanning = AegisGuard.Create(AegisPolicy.Preset("balanced") with { DenialOfWallet = null });
        (string Name, AegisGuard Guard, Subject Subject, int Runs)[] works =
        [
            ("an inspection that only counts", guard, new UserInput("x"), Runs),
            ("an input of 200 characters, balanced", scanning, new UserInput(string.Concat(Enumerable.Repeat("When do you open on Friday? ", 8))[..200]), Runs / 10),
        ];
        foreach (var work in works)
        {
            var (times, bytes) = (new double[variants.Length], new double[variants.Length]);
            Array.Fill(times, double.MaxValue);
            Array.Fill(bytes, double.MaxValue);
            for (var round = -2; round < Rounds; round++)
            {
                for (var i = 0; i < variants.Length; i++)
                {
                    using var metrics = variants[i].Metrics ? Sdk.CreateMeterProviderBuilder().AddAegisInstrumentation().AddReader(new BaseExportingMetricReader(new NoMetrics())).Build() : null;
                    using var traces = variants[i].Traces ? Sdk.CreateTracerProviderBuilder().AddAegisInstrumentation().AddProcessor(new BatchActivityExportProcessor(new NoSpans())).Build() : null;
                    var (elapsed, allocated) = await MeasureAsync(work.Guard, work.Subject, work.Runs);
                    if (round >= 0)
                    {
                        (times[i], bytes[i]) = (Math.Min(times[i], elapsed), Math.Min(bytes[i], allocated));
                    }
                }
            }

            Console.WriteLine(work.Name);
            for (var i = 0; i < variants.Length; i++)
            {
                Console.WriteLine(FormattableString.Invariant($"  {variants[i].Name,-20}{times[i],10:N0} ns{bytes[i],8:N0} B{times[i] / times[0],8:N2} of nobody"));
            }
        }
    }

    private static async Task<(double Nanoseconds, double Bytes)> MeasureAsync(AegisGuard guard, Subject subject, int runs)
    {
        var run = new AegisRun(guard, Session, null, false);
        var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), TimeProvider.System.GetTimestamp());
        for (var i = 0; i < runs; i++)
        {
            await guard.Pipeline.InspectAsync(subject, run, CancellationToken.None);
        }

        return (TimeProvider.System.GetElapsedTime(began).TotalNanoseconds / runs, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)runs);
    }

    private sealed class NoSpans : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch) => ExportResult.Success;
    }

    private sealed class NoMetrics : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
