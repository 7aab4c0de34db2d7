using System.Diagnostics;
using System.Globalization;
using Aegis.Alerting;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Benchmarks;

/// <summary>What an event costs alert rules: with how many there are, with how many of them are about it, and with how many events came before.</summary>
internal static class AlertCurve
{
    private const int Events = 20_000;
    private const int Rounds = 9;

    public static bool Holds(double slack)
    {
        Console.WriteLine($"{"an event, by rules",-45}{"best ns",12}");
        var none = Measure("no rules", 0, 0, flood: 0);
        var ten = Measure("10 rules, 1 about it", 10, 1, flood: 0);
        var thousand = Measure("1,000 rules, 1 about it", 1_000, 1, flood: 0);
        var all10 = Measure("10 rules, all about it", 10, 10, flood: 0);
        var all1000 = Measure("1,000 rules, all about it", 1_000, 1_000, flood: 0);
        var flooded = Measure("10 rules, all about it, after 1,000,000 events", 10, 10, flood: 1_000_000);
        var sessions = Measure("10 rules per session, all about it, 100,000 sessions", 10, 10, flood: 100_000, AlertScope.Session);
        (string Claim, double Value, double Most)[] gates =
        [
            ("event, 10 rules all about it, ns a rule", (all10 - none) / 10, 500 * slack),
            ("event, 1,000 rules all about it, ns a rule, ratio to 10", all1000 / 1_000 / (all10 / 10), 5),
            ("event, 1,000 rules one about it, ratio to 10", thousand / ten, 2),
            ("event after a million, ratio to the first", flooded / all10, 2),
            ("event of 100,000 sessions, ns a rule", sessions / 10, 5_000 * slack),
        ];
        foreach (var (claim, value, most) in gates)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(value <= most ? "holds" : "FAILS"),-6}{claim}: {value:F2} (at most {most})"));
        }

        return Array.TrueForAll(gates, static gate => gate.Value <= gate.Most);
    }

    private static double Measure(string name, int rules, int about, int flood, AlertScope per = AlertScope.All)
    {
        var outlets = new AlertOutlets(null, [], TimeProvider.System, NullLogger.Instance);
        using var engine = new AlertEngine(TimeProvider.System, new([], NullLogger.Instance), outlets, NullLogger.Instance);
        engine.Adopt([.. Enumerable.Range(0, rules).Select(i => new AlertRule(new($"r{i}", new(AlertConditionType.RateSpike, 99_999, TimeSpan.FromHours(1)) { Event = i < about ? EventTypes.ScanBlock : EventTypes.ToolApprove }) { Per = per }))], new("bench", ""));
        var runs = Math.Max(500, Events / Math.Max(1, about / 10));
        var events = new AegisEvent[per == AlertScope.All ? 1 : flood];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = new(DecisionId.Next(), new UserInput("x"), new($"s{i}"), Verdict.Of(Finding.Block("test/found")), Decision.Block);
        }

        for (var i = 0; i < Math.Max(flood, runs); i++)
        {
            engine.Write(events[i % events.Length]);
        }

        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < runs; i++)
            {
                engine.Write(events[i % events.Length]);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalNanoseconds / runs);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-55}{best,12:F0}"));
        return best;
    }
}
