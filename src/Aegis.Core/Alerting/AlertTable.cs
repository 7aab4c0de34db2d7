using System.Collections.Frozen;
using Aegis.Events;
using Aegis.Policies;

namespace Aegis.Alerting;

/// <summary>The rules of one policy, by what they hear: an event is taken to none that is not about it. Immutable.</summary>
internal sealed class AlertTable
{
    private readonly FrozenDictionary<string, AlertCounter[]> _byType;
    private readonly AlertCounter[] _costs;
    private readonly AlertCounter[] _strikes;

    public AlertTable(IReadOnlyList<AlertCounter> counters, PolicyVersion version)
    {
        (All, Version) = (counters, version);
        _byType = counters.SelectMany(static counter => TypesOf(counter.Rule).Select(type => (Type: type, Counter: counter)))
            .GroupBy(static entry => entry.Type, static entry => entry.Counter, StringComparer.Ordinal).ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
        _costs = [.. counters.Where(static counter => counter.Rule.Type == AlertConditionType.CostAnomaly)];
        _strikes = [.. counters.Where(static counter => counter.Rule.Type == AlertConditionType.RepeatedAttacker)];
    }

    public static AlertTable Empty { get; } = new([], new("", ""));

    public IReadOnlyList<AlertCounter> All { get; }

    public PolicyVersion Version { get; }

    /// <summary>The rules that count by its type.</summary>
    public ReadOnlySpan<AlertCounter> OfType(string type) => _byType.GetValueOrDefault(type);

    /// <summary>The rules that count what it cost.</summary>
    public ReadOnlySpan<AlertCounter> OfCost(AegisEvent e) => e.CostMicros > 0 ? _costs : default;

    /// <summary>The rules that count what users attack with.</summary>
    public ReadOnlySpan<AlertCounter> OfStrike(AegisEvent e) => e.IsStrike ? _strikes : default;

    private static string[] TypesOf(AlertRule rule) => rule.Type switch
    {
        AlertConditionType.RateSpike => [rule.Condition.Event!],
        AlertConditionType.SessionKills => [EventTypes.KillSwitch, EventTypes.SessionQuarantine],
        AlertConditionType.ScanBlockRate => [EventTypes.ScanPass, EventTypes.ScanBlock, EventTypes.ScanTrajectory, EventTypes.StreamViolation],
        _ => [],
    };
}
