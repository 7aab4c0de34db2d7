using System.Diagnostics;
using System.Globalization;

namespace Aegis.Benchmarks;

/// <summary>
/// Measures all variants in turns within one run, prints medians and extremes, and fails when a gate does not hold. Gates look at the best round,
/// which is the one that other work on the machine disturbed least; while a gate does not hold, more rounds are measured, for a disturbed machine
/// may have had no quiet one yet.
/// </summary>
internal static class Gate
{
    private const int Rounds = 15;
    private const int MostRounds = 8 * Rounds;

    public static async Task<int> RunAsync(double slack)
    {
        var decisions = new DecisionBenchmarks();
        var hops = new HopBenchmarks();
        var kernels = new KernelBenchmarks();
        var policies = new PolicyBenchmarks();
        (string Name, int Runs, Func<Task> Run)[] variants =
        [
            ("decision core", 20_000, async () => await decisions.Decision()),
            ("inspection", 20_000, async () => await decisions.Inspection()),
            ("inspection with argument scan", 5_000, async () => await decisions.InspectionWithScan()),
            ("inspection with provenance and pins", 5_000, async () => await decisions.InspectionWithFlows()),
            ("inspection with provenance, pins and a store", 5_000, async () => await decisions.InspectionWithSharedFlows()),
            ("policy: read and compile 200 rules", 20, () => Task.FromResult(policies.Compile())),
            ("tool: known name, 1 rule", 50_000, () => Done(policies.Known("1 names"))),
            ("tool: known name, 1,000 rules", 50_000, () => Done(policies.Known("1000 names"))),
            ("tool: known name, 1,000 globs", 50_000, () => Done(policies.Known("1000 globs"))),
            ("tool: new name, 1 rule", 500, () => Done(policies.New("1 names"))),
            ("tool: new name, 1,000 rules", 500, () => Done(policies.New("1000 names"))),
            ("tool: new name, 1,000 globs", 500, () => Done(policies.New("1000 globs"))),
            ("response: bare", 5_000, hops.Bare),
            ("response: UseOpenTelemetry, no listener", 5_000, hops.OpenTelemetry),
            ("response: UseAegis, mode off", 5_000, hops.Off),
            ("response: UseAegis, no scanner, no wallet", 5_000, hops.Quiet),
            ("response: UseAegis, balanced", 5_000, hops.Full),
            ("kernel call: bare", 2_000, kernels.Bare),
            ("kernel call: empty filters", 2_000, kernels.Empty),
            ("kernel call: UseAegis, mode off", 2_000, kernels.Off),
            ("kernel call: UseAegis, no scanner, no wallet", 2_000, kernels.Guarded),
            ("kernel call: UseAegis, no wallet", 2_000, kernels.Full),
            ("stream: bare", 60, hops.BareStream),
            ("stream: UseOpenTelemetry, no listener", 60, hops.OpenTelemetryStream),
            ("stream: UseAegis, mode off", 60, hops.OffStream),
            ("stream: UseAegis, no scanner, no wallet", 60, hops.QuietStream),
        ];
        var times = variants.ToDictionary(static variant => variant.Name, static _ => new List<double>());
        var bytes = new Dictionary<string, double>();
        for (var round = -3; round < Rounds || (round < MostRounds && (round % Rounds != 0 || Array.Exists(Gates(times, bytes, slack), static gate => !gate.Holds))); round++)
        {
            foreach (var (name, runs, run) in variants)
            {
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                var began = Stopwatch.GetTimestamp();
                for (var i = 0; i < runs; i++)
                {
                    await run();
                }

                var elapsed = Stopwatch.GetElapsedTime(began).TotalNanoseconds / runs;
                if (round >= 0)
                {
                    times[name].Add(elapsed);
                    bytes[name] = Math.Min(bytes.GetValueOrDefault(name, double.MaxValue), (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)runs);   // a round in which the store's table grew is not the cost of a call
                }
            }
        }

        Console.WriteLine($"{"",-45}{"median ns",12}{"min",10}{"max",10}{"bytes",9}");
        foreach (var (name, all) in times)
        {
            all.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-45}{Median(all),12:F0}{all[0],10:F0}{all[^1],10:F0}{bytes[name],9:F0}"));
        }

        var holds = Check(times, bytes, slack);
        holds &= await ProvenanceCurve.HoldsAsync(slack);
        holds &= RuleCurve.Holds(slack);
        holds &= AlertCurve.Holds(slack);
        holds &= await StreamCurve.HoldsAsync(slack);
        return ScannerCurve.Holds(slack) && holds ? 0 : 1;
    }

    private static bool Check(Dictionary<string, List<double>> times, Dictionary<string, double> bytes, double slack)
    {
        var perUpdate = (Best(times["stream: UseAegis, no scanner, no wallet"]) - Best(times["stream: bare"])) / HopBenchmarks.Updates;
        var telemetryPerUpdate = (Best(times["stream: UseOpenTelemetry, no listener"]) - Best(times["stream: bare"])) / HopBenchmarks.Updates;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"      streamed update through the pipeline, no scanner, no wallet: {perUpdate:F0} ns, {perUpdate / telemetryPerUpdate:F2} of UseOpenTelemetry"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"      kernel call with the filters, no scanner, no wallet: {Best(times["kernel call: UseAegis, no scanner, no wallet"]) / Best(times["kernel call: empty filters"]):F2} of empty filters"));
        var holds = true;
        foreach (var gate in Gates(times, bytes, slack))
        {
            holds &= gate.Holds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(gate.Holds ? "holds" : "FAILS"),-6}{gate.Claim}: {gate.Value:F2} (at most {gate.Most})"));
        }

        return holds;
    }

    private static GateOf[] Gates(Dictionary<string, List<double>> times, Dictionary<string, double> bytes, double slack) =>
    [
        new("decision core, ns", Best(times["decision core"]), 200 * slack),
        new("decision core, bytes", bytes["decision core"], 0.5),
        new("inspection, ns", Best(times["inspection"]), 1_500 * slack),
        new("inspection, bytes", bytes["inspection"], 592),
        new("inspection with provenance and pins, ns", Best(times["inspection with provenance and pins"]), 4_000 * slack),
        new("inspection with provenance and pins, bytes", bytes["inspection with provenance and pins"], 2_000),
        new("policy of 200 rules: read and compile, ms", Best(times["policy: read and compile 200 rules"]) / 1_000_000, 20 * slack),
        new("tool decision with 1,000 names, ratio to one with 1", Best(times["tool: known name, 1,000 rules"]) / Best(times["tool: known name, 1 rule"]), 1.5),
        new("tool decision with 1,000 globs, ns", Best(times["tool: known name, 1,000 globs"]), 2_000 * slack),
        new("response with all guards off, ratio to UseOpenTelemetry", Best(times["response: UseAegis, mode off"]) / Best(times["response: UseOpenTelemetry, no listener"]), 2),
        new("streamed update with all guards off, ratio to UseOpenTelemetry", Best(times["stream: UseAegis, mode off"]) / Best(times["stream: UseOpenTelemetry, no listener"]), 1),
    ];

    private static Task Done(Decision decision) => decision >= Decision.Allow ? Task.CompletedTask : throw new InvalidOperationException();

    private static double Best(List<double> values) => values.Min();

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private readonly record struct GateOf(string Claim, double Value, double Most)
    {
        public bool Holds => Value <= Most;
    }
}
