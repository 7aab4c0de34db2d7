using System.Runtime.CompilerServices;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Sessions;

[CollectionDefinition(nameof(SessionStateTests), DisableParallelization = true)]
[Collection(nameof(SessionStateTests))]
public class SessionStateTests(ITestOutputHelper output)
{
    private const int Sessions = 10_000;
    private const int Steps = 20;

    /// <summary>Five guards share the store; guard g lets 4·(g+1) calls of a session pass.</summary>
    private static readonly AegisPolicy[] Policies =
    [
        .. Enumerable.Range(0, 5).Select(static g => Given.Open with
        {
            DenialOfWallet = new() { MaxTokens = 1_000_000_000, MaxToolCalls = 1_000, MaxOperations = 1_000 },
            Limits = new Dictionary<string, RateLimit> { ["get_*"] = new(4 * (g + 1), TimeSpan.FromHours(1)) },
        }),
    ];

    [Fact]
    public async Task TenThousandSessionsAtOnceCountOnlyWhatIsTheirs()
    {
        var store = new MemorySessionStore();
        var guards = Array.ConvertAll(Policies, policy => Given.Guard(policy, store: store));
        await RunAll(guards);

        for (var i = 0; i < Sessions; i++)
        {
            var guard = guards[i % guards.Length];
            var calls = 4L * ((i % guards.Length) + 1);
            var state = await store.ReadAsync(IdOf(i), Given.Cancel);
            var run = Assert.Single(state.Runs);
            Assert.Equal(Steps, run.Steps);
            Assert.Equal(Steps * (i + 1L), state.Used(guard.Pipeline.Policy.Tokens!, guard.Now));
            var counted = state.Meters.Where(static meter => !meter.Key.StartsWith("wallet/tokens", StringComparison.Ordinal)).ToArray();
            Assert.Equal(3, counted.Length);
            Assert.All(counted, meter => Assert.Equal(calls, meter.Used(guard.Now)));

            // What is left directly after a run: four meters of one bucket, one run, two hashes a call.
            Assert.All(state.Meters, static meter => Assert.Empty(meter.Older));
            Assert.Equal((int)calls, run.Trail!.Length);
            Assert.Empty(state.Pending);
        }

        Assert.Equal(Sessions, store.Count);
    }

    [Fact]
    public void AnIdleSessionTakes256BytesAtMost()
    {
        object?[] alive = new object?[2];
        var (busy, guarded) = Fill(alive);
        alive[0] = null;
        var idle = GC.GetTotalMemory(forceFullCollection: true);
        alive[1] = null;
        var nothing = GC.GetTotalMemory(forceFullCollection: true);
        var bytes = (idle - nothing) / Sessions;

        output.WriteLine($"Bytes a session: {(busy - nothing) / Sessions} directly after {Steps} steps and {(guarded - nothing) / Sessions} when idle with its guard; {bytes} in the store alone (id, entry and state)");
        Assert.InRange(bytes, 1, 256);
    }

    [Fact]
    public void CompactingForgetsOnlyWhatCanNoLongerMatter()
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var old = new WindowMeter(new("old", TimeSpan.TicksPerMinute), 0, 0, []).Add(now.AddMinutes(-2), 1);
        var young = new WindowMeter(new("young", TimeSpan.TicksPerMinute), 0, 0, []).Add(now, 1);
        var state = SessionState.Empty with
        {
            Lock = new(SessionLockKind.Banned, now),
            Meters = [old, young],
            Runs = [new(new(1), default, now.UtcTicks), new(new(2), default, now.UtcTicks + 1)],
            Pending = [new("a", [], "p", now), new("b", [], "p", now.AddTicks(1))],
            Risks = new([RiskMark.Of("a", 140)], now.AddTicks(1).UtcTicks),
            Strikes = [new(256, now.UtcTicks), new(512, now.UtcTicks + 1)],
        };
        var compact = state.Compact(now);

        Assert.Null(compact.Lock);
        Assert.Equal("young", Assert.Single(compact.Meters).Key);
        Assert.Equal(2, Assert.Single(compact.Runs).Id.Value);
        Assert.Equal("b", Assert.Single(compact.Pending).RequestId);
        Assert.NotNull(compact.Risks);
        Assert.Equal(512UL, Assert.Single(compact.Strikes).Text);
        Assert.Null(compact.Compact(now.AddTicks(1)).Risks);
        Assert.Same(compact, compact.Compact(now));
        Assert.Same(SessionState.Empty, compact.Compact(now.AddHours(1)));
        var locked = state with { Lock = new(SessionLockKind.Quarantined, null) };
        Assert.True(locked.Compact(now.AddYears(9)).IsLocked(now.AddYears(9)));
    }

    private static SessionId IdOf(int i) => new($"session-{i}");

    /// <summary>Not async, so that nothing stays on the stack but what is kept alive.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long Busy, long Idle) Fill(object?[] alive)
    {
        var time = new FakeTimeProvider();
        var store = new MemorySessionStore(time: time);
        var guards = Array.ConvertAll(Policies, policy => Given.Guard(policy, time, store));
        (alive[0], alive[1]) = (guards, store);
        RunAll(guards).GetAwaiter().GetResult();
        var busy = GC.GetTotalMemory(forceFullCollection: true);
        time.Advance(TimeSpan.FromHours(4));
        Assert.Equal(0, store.UpdateAsync(new("sweeps"), static (state, _) => (state with { Lock = null }, 0), 0, Given.Cancel).AsTask().GetAwaiter().GetResult());
        Assert.Same(store.ReadAsync(IdOf(18), Given.Cancel).AsTask().GetAwaiter().GetResult(), store.ReadAsync(IdOf(17), Given.Cancel).AsTask().GetAwaiter().GetResult());   // one for all that are idle
        Assert.Equal(Sessions + 1, store.Count);
        return (busy, GC.GetTotalMemory(forceFullCollection: true));
    }

    private static Task RunAll(AegisGuard[] guards)
    {
        var tools = Array.ConvertAll(guards, static guard => guard.Tools("get_it"));
        var arguments = Enumerable.Range(0, Steps).Select(static step => Given.Arguments(("step", step))).ToArray();
        return Parallel.ForAsync(0, Sessions, async (i, _) =>
        {
            var (guard, offered, session) = (guards[i % guards.Length], tools[i % guards.Length], IdOf(i));
            var max = 4 * ((i % guards.Length) + 1);
            for (var step = 0; step < Steps; step++)
            {
                Assert.Equal("passes", await guard.RuleOf(new ModelStep(offered), session));
                Assert.Equal("passes", await guard.RuleOf(new ModelOutput("") { Calls = 1, Usage = new(i, 1) }, session));
                Assert.Equal(step < max ? "passes" : "limit/get_*", await guard.RuleOf(new ToolCall("get_it", arguments[step]) { Tools = offered }, session));
            }
        });
    }
}
