using Aegis.Core.Tests.Guarding;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Sessions;

/// <summary>Many sessions at once in one guard: whoever attacks is locked, and nobody else. The whole is ten thousand sessions of a hundred requests.</summary>
public class ManySessionsTests
{
    private const int After = 3;

    private static readonly Verdict Attack = Verdict.Of(new Finding("test/attack", Decision.Block, 1) { Atlas = ["AML.T0051.000"] });

    private static readonly int Sessions = Extent.Of(10_000, 600);
    private static readonly int Requests = Extent.Of(100, 20);

    private static readonly AegisPolicy Policy = Given.Open with
    {
        Recovery = new() { Mode = RecoveryMode.QuarantineSession, After = After, Duration = null },
        Limits = new Dictionary<string, RateLimit> { ["get"] = new(Requests, TimeSpan.FromHours(1)) },
    };

    [Theory, InlineData(RecoveryScope.Session), InlineData(RecoveryScope.Principal)]
    public async Task ExactlyTheAttackersAreLocked(RecoveryScope scope)
    {
        var time = new FakeTimeProvider();
        var (store, events) = (new MemorySessionStore(4 * Sessions, time: time), new Locks());
        var guard = Given.Guard(Policy with { Recovery = Policy.Recovery with { Scope = scope } }, time, store, builder => builder.AddGuard(new SeamGuard<UserInput>(static (input, _, _) => new(input.Text.StartsWith("attack", StringComparison.Ordinal) ? Attack : Verdict.None))).AddSink(events));
        await Parallel.ForAsync(0, Sessions * Requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) =>
        {
            var (i, request) = (n % Sessions, n / Sessions);
            if (request % 2 == 0)
            {
                // Of a hundred one attacks as often as it takes, one once less, and the others write the same about it.
                var text = (i % 100, request / 2) switch { (7, < After) or (8, < After - 1) => "attack", _ => "hello" };
                await guard.RuleOf(new UserInput(FormattableString.Invariant($"{text} {request}")), Of(i));
            }
            else
            {
                await guard.RuleOf(guard.Call("get", request), Of(i));
            }
        });

        var attackers = Enumerable.Range(0, Sessions).Where(static i => i % 100 == 7).ToList();
        for (var i = 0; i < Sessions; i++)
        {
            Assert.Equal(i % 100 == 7 ? "session/quarantined" : "passes", await guard.RuleOf(new UserInput("hello"), Of(i)));
        }

        Assert.Equal(attackers.Select(i => scope == RecoveryScope.Session ? Of(i) : SessionId.OfPrincipal(Of(i).Principal!)).ToHashSet(), events.ToHashSet());
        Assert.Equal(attackers.Count, events.Count);
        Assert.InRange(store.Count, Sessions, 2 * Sessions);
    }

    [Fact]
    public async Task NewcomersWhoFillTheStoreManyTimesOverPushNobodyOutWhoIsLocked()
    {
        var time = new FakeTimeProvider();
        var capacity = Sessions / 10;
        var store = new MemorySessionStore(capacity, time: time);
        var guard = Given.Guard(Policy, time, store);
        var locked = Enumerable.Range(0, capacity / 2).ToList();
        foreach (var i in locked)
        {
            await guard.Sessions.QuarantineAsync(i % 2 == 0 ? Of(i) : SessionId.OfPrincipal(Of(i).Principal!), null, Given.Cancel);
        }

        for (var i = 0; i < 3 * Sessions; i++)
        {
            Assert.Equal("passes", await guard.RuleOf(guard.Call("get", i), new SessionId(FormattableString.Invariant($"newcomer-{i}"))));
            Assert.InRange(store.Count, 1, capacity + (capacity / 16));
        }

        foreach (var i in locked)
        {
            Assert.Equal("session/quarantined", await guard.RuleOf(new UserInput("hello"), Of(i)));
        }
    }

    private static SessionId Of(int i) => new(FormattableString.Invariant($"s{i}"), FormattableString.Invariant($"user-{i}"));

    private sealed class Locks : List<SessionId>, IEventSink
    {
        public void Write(AegisEvent e)
        {
            if (e.Lock is not null)
            {
                lock (this)
                {
                    Add(e.Session);
                }
            }
        }
    }
}
