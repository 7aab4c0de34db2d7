using System.Diagnostics;
using System.Globalization;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Benchmarks;

/// <summary>What an inspection costs with sessions in memory and in Redis, in turns within one run, how often Redis is asked, and how much a session takes.</summary>
internal static class SessionCurve
{
    private const int Sessions = 10_000;
    private const int Rounds = 7;
    private const int Runs = 2_000;
    private const int AtOnce = 1_000;
    private static readonly RedisSessionOptions Patient = new() { Timeout = TimeSpan.FromSeconds(5) };   // what is slow here is the machine

    private static readonly AegisPolicy Policy = AegisPolicy.Preset("balanced") with
    {
        Scanner = null,
        DenialOfWallet = null,
        ToolIntegrity = null,
        Limits = new Dictionary<string, RateLimit> { ["search"] = new(1_000_000, TimeSpan.FromHours(1)) },
    };

    public static async Task RunAsync()
    {
        await using var redis = await LocalRedis.StartAsync();
        if (redis is null)
        {
            Console.WriteLine("skipped: redis-server is not installed, so there is nothing to compare memory with");
            return;
        }

        await TimesAsync(redis);
        await BytesAsync(redis);
    }

    private static async Task TimesAsync(LocalRedis redis)
    {
        using var store = new RedisSessionStore(redis.Connection, Patient);
        using var memory = AegisGuard.Create(Policy);
        using var shared = AegisGuard.Create(Policy, aegis => aegis.UseSessionStore(store).UseStoreTimeout(TimeSpan.FromSeconds(30)));
        (string Name, Func<AegisGuard, Task> Run, int Inspections)[] variants =
        [
            ("a call, counted", static guard => CallsAsync(guard, Runs), Runs),
            ("a text, nothing counted", static guard => TextsAsync(guard, Runs), Runs),
            ("1,000 calls at once, one session", static guard => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => Task.Run(() => CallAsync(guard, new("busy"), i)))), AtOnce),
        ];
        Console.WriteLine($"{"an inspection",-34}{"memory µs",11}{"Redis µs",10}{"ratio",8}{"round trips",13}");
        foreach (var (name, run, inspections) in variants)
        {
            var (best, bestShared) = (double.MaxValue, double.MaxValue);
            var trips = 0L;
            for (var round = 0; round < Rounds; round++)
            {
                best = Math.Min(best, await MicrosecondsAsync(() => run(memory), inspections));
                var before = store.RoundTrips;
                bestShared = Math.Min(bestShared, await MicrosecondsAsync(() => run(shared), inspections));
                trips = store.RoundTrips - before;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34}{best,11:F1}{bestShared,10:F1}{bestShared / best,8:F1}{trips / (double)inspections,13:F3}"));
        }

        var bare = await MicrosecondsAsync(async () =>
        {
            for (var i = 0; i < Runs; i++)
            {
                await redis.Connection.GetDatabase().PingAsync();
            }
        }, Runs);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"(PING, one after the other)",-34}{bare,21:F1}"));
    }

    private static async Task BytesAsync(LocalRedis redis)
    {
        await redis.Server.FlushAllDatabasesAsync();
        var kept = new MemorySessionStore();
        using var memory = AegisGuard.Create(Policy, aegis => aegis.UseSessionStore(kept));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var states = await FillAsync(memory, kept);
        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(states);
        GC.KeepAlive(kept);

        using var store = new RedisSessionStore(redis.Connection, Patient);
        using var shared = AegisGuard.Create(Policy, aegis => aegis.UseSessionStore(store).UseStoreTimeout(TimeSpan.FromSeconds(30)));
        await FillAsync(shared, store);
        var (stored, taken, keys) = (0L, 0L, 0);
        foreach (var key in redis.Server.Keys(pattern: "aegis:session:*", pageSize: 1_000).Take(1_000))
        {
            stored += await redis.Connection.GetDatabase().StringLengthAsync(key);
            taken += (long)await redis.Server.ExecuteAsync("MEMORY", "USAGE", key.ToString());
            keys++;
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a session with a text and five calls, of {Sessions:N0}: {used / Sessions} bytes in memory (its id, run and flow memory included); in Redis {stored / keys} stored, {taken / keys} by MEMORY USAGE"));
    }

    /// <summary>A text and five calls in each session.</summary>
    private static async Task<SessionId[]> FillAsync(AegisGuard guard, ISessionStore store)
    {
        var sessions = Enumerable.Range(0, Sessions).Select(static i => new SessionId(string.Create(CultureInfo.InvariantCulture, $"conversation-{i}"))).ToArray();
        await Parallel.ForEachAsync(sessions, async (session, cancel) =>
        {
            await guard.InspectAsync(new UserInput("What is on my calendar today?"), session, cancel);
            for (var i = 0; i < 5; i++)
            {
                await CallAsync(guard, session, i);
            }

            if ((await store.ReadAsync(session, cancel)).Runs.Length != 1)
            {
                throw new InvalidOperationException("The session is not what is measured.");
            }
        });
        return sessions;
    }

    private static async Task CallsAsync(AegisGuard guard, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await CallAsync(guard, new("calls"), i);
        }
    }

    private static async Task TextsAsync(AegisGuard guard, int count)
    {
        var text = new UserInput("What is on my calendar today?");
        var session = new SessionId("texts");
        for (var i = 0; i < count; i++)
        {
            Passed((await guard.InspectAsync(text, session)).MayProceed);
        }
    }

    private static async Task CallAsync(AegisGuard guard, SessionId session, int n) =>
        Passed((await guard.InspectAsync(new ToolCall("search", ToolArguments.From([new("n", n)])) { Tools = guard.ToolsetOf([new("search")]) }, session)).MayProceed);

    private static void Passed(bool passes)
    {
        if (!passes)
        {
            throw new InvalidOperationException("What is measured was blocked.");
        }
    }

    private static async Task<double> MicrosecondsAsync(Func<Task> run, int inspections)
    {
        var began = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / inspections;
    }
}
