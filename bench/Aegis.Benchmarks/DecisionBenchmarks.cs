using Aegis.Policies;
using Aegis.Tools;
using BenchmarkDotNet.Attributes;

namespace Aegis.Benchmarks;

/// <summary>One tool call: the decision alone, and the whole inspection with commit and event.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private const int Calls = 512;

    private static readonly SessionId Session = new("bench");

    private readonly AegisGuard _guard = AegisGuard.Create(Policy(scan: false));
    private readonly AegisGuard _scanning = AegisGuard.Create(Policy(scan: true));
    private readonly AegisGuard _flowing = AegisGuard.Create(Policy(scan: false) with { DataFlow = new(), ToolIntegrity = new() });
    private readonly AegisGuard _sharing = AegisGuard.Create(Policy(scan: false) with { DataFlow = new(), ToolIntegrity = new() }, static aegis => aegis.UseProvenanceStore(new ProvenanceLogs(), new byte[32]));
    private readonly AegisGuard _budgeted = AegisGuard.Create(Policy(scan: false) with { Budgets = new() { Tenant = new() { MaxToolCalls = long.MaxValue }, Principal = new() { MaxToolCalls = long.MaxValue }, Run = new() { MaxToolCalls = long.MaxValue } } });
    private readonly ToolCall[] _calls;
    private readonly ToolCall[] _flowingCalls;
    private readonly ToolCall[] _sharingCalls;
    private AegisRun _run;
    private AegisRun _scanningRun;
    private AegisRun _flowingRun;
    private AegisRun _sharingRun;
    private AegisRun _budgetedRun;
    private GuardContext _context;
    private int _next;

    /// <summary>Distinct calls, so that neither the branch predictor nor the repetition guard knows them.</summary>
    public DecisionBenchmarks()
    {
        _run = NewRun(_guard);
        _scanningRun = NewRun(_scanning);
        _flowingRun = NewRun(_flowing);
        _sharingRun = NewRun(_sharing);
        _budgetedRun = NewRun(_budgeted);
        _calls = CallsOf(_guard);
        _flowingCalls = CallsOf(_flowing);
        _sharingCalls = CallsOf(_sharing);
        _context = new(Session, SessionState.Empty, null, _guard.Now, default);
    }

    private ToolCall Next => NextOf(_calls);

    /// <summary>Guards only.</summary>
    [Benchmark(Baseline = true)]
    public ValueTask<Verdict> Decision() => _guard.Pipeline.AskGuardsAsync(Next, _context, CancellationToken.None);

    /// <summary>Session, guards, commit, event.</summary>
    [Benchmark]
    public async ValueTask<Decision> Inspection() => (await _guard.Pipeline.InspectAsync(Next, Fresh(ref _run, _guard), CancellationToken.None)).Decision;

    /// <summary>The same with the arguments (about 45 characters) scanned.</summary>
    [Benchmark]
    public async ValueTask<Decision> InspectionWithScan() => (await _scanning.Pipeline.InspectAsync(Next, Fresh(ref _scanningRun, _scanning), CancellationToken.None)).Decision;

    /// <summary>The same with everything that a policy has by default but the scanner: provenance and tool pins.</summary>
    [Benchmark]
    public async ValueTask<Decision> InspectionWithFlows() => (await _flowing.Pipeline.InspectAsync(NextOf(_flowingCalls), Fresh(ref _flowingRun, _flowing), CancellationToken.None)).Decision;

    /// <summary>The same with a provenance store that answers at once: what reading, sealing and appending cost besides the round trips.</summary>
    [Benchmark]
    public async ValueTask<Decision> InspectionWithSharedFlows() => (await _sharing.Pipeline.InspectAsync(NextOf(_sharingCalls), Fresh(ref _sharingRun, _sharing), CancellationToken.None)).Decision;

    /// <summary>The same as the plain one with three more levels: a tenant's and a user's account in the store, and the run's.</summary>
    [Benchmark]
    public async ValueTask<Decision> InspectionWithThreeLevels() => (await _budgeted.Pipeline.InspectAsync(Next, Fresh(ref _budgetedRun, _budgeted), CancellationToken.None)).Decision;

    private ToolCall NextOf(ToolCall[] calls) => calls[_next = (_next + 1) % Calls];

    private static ToolCall[] CallsOf(AegisGuard guard)
    {
        var tools = guard.ToolsetOf([.. Enumerable.Range(0, 16).Select(static i => new ToolInfo($"read_{i}"))]);
        return [.. Enumerable.Range(0, Calls).Select(i => new ToolCall($"read_{i % 16}", ToolArguments.From([new("path", $"folder/document-{i}.txt, page {i % 7}, for the report")])) { Tools = tools })];
    }

    /// <summary>A run has at most some dozens of calls.</summary>
    private AegisRun Fresh(ref AegisRun run, AegisGuard guard) => _next % 32 == 0 ? run = NewRun(guard) : run;

    private static AegisRun NewRun(AegisGuard guard) => new(guard, new SessionId($"bench-{Guid.NewGuid():N}", "alice", "acme"), parent: null, startedByMessages: true);

    private static AegisPolicy Policy(bool scan) => new()
    {
        DataFlow = new() { Provenance = ProvenanceMode.Off },   // what the pipeline itself costs
        ToolIntegrity = null,
        Capabilities = new() { Allow = ["read_*"], Deny = ["delete_*"] },
        Limits = new Dictionary<string, RateLimit> { ["read_*"] = new(1_000_000, TimeSpan.FromHours(1)) },
        DenialOfWallet = new() { MaxOperations = 1_000_000, MaxToolCalls = 1_000_000 },
        Scanner = scan ? new() : null,
    };
}
