using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aegis.Events;
using Aegis.Policies;

namespace Aegis.Alerting;

/// <summary>A rule, ready to count. Immutable.</summary>
/// <param name="Definition">What the policy says.</param>
/// <param name="Target">Where it is sent; null: nowhere.</param>
internal sealed record AlertRule(AlertRulePolicy Definition, AlertTarget? Target = null)
{
    public const int DefaultMinimum = 20;

    /// <summary>The largest threshold of a count: so many stamps are kept for one key.</summary>
    public const int MostCounted = 100_000;

    /// <summary>Rules of a policy, at most.</summary>
    public const int MostRules = 1_000;

    /// <summary>Millionths of the currency in one of it.</summary>
    public const decimal Micros = 1_000_000;

    public string Id => Definition.Id;

    public AlertConditionPolicy Condition => Definition.Condition;

    public AlertConditionType Type => Definition.Condition.Type;

    public AlertScope Per { get; } = Definition.Per ?? (Definition.Condition.Type == AlertConditionType.RepeatedAttacker ? AlertScope.Session : AlertScope.All);

    /// <summary>Whether it counts stamps, and not sums.</summary>
    public bool IsCount { get; } = Definition.Condition.Type is not (AlertConditionType.CostAnomaly or AlertConditionType.ScanBlockRate);

    public int Minimum { get; } = Definition.Condition.Minimum ?? DefaultMinimum;

    /// <summary>Its name among all rules of all instances: rules that count something else, or otherwise, have another one.</summary>
    public string SharedName { get; } = string.Create(CultureInfo.InvariantCulture, $"{Definition.Id}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Definition.Condition.Type} {Definition.Condition.Event} {Definition.Condition.Threshold} {Definition.Condition.Window.Ticks} {Definition.Condition.Minimum} {Definition.Per}"))))[..16]}");

    /// <summary>Whose account an event counts on; default: the one of all.</summary>
    public SessionId KeyOf(SessionId session) => Per == AlertScope.All || session.Origin is SessionOrigin.Anonymous or SessionOrigin.Instance ? default : Per switch
    {
        AlertScope.Session => session,
        AlertScope.Principal => session.PrincipalAccount ?? session,
        _ => session.TenantAccount ?? default,
    };

    /// <summary>What an event adds: to what is counted, and for a share to what it is a share of. Neither: it is not about it.</summary>
    public (long Amount, long Others) Weigh(AegisEvent e, string type) => Type switch
    {
        AlertConditionType.RateSpike => (string.Equals(type, Condition.Event, StringComparison.Ordinal) ? 1 : 0, 0),
        AlertConditionType.SessionKills => (type is EventTypes.KillSwitch or EventTypes.SessionQuarantine ? 1 : 0, 0),
        AlertConditionType.CostAnomaly => (e.CostMicros, 0),
        AlertConditionType.ScanBlockRate => type switch
        {
            EventTypes.ScanBlock or EventTypes.StreamViolation => (1, 0),
            EventTypes.ScanTrajectory => e.Decision >= Decision.Ask ? (1, 0) : (0, 1),
            EventTypes.ScanPass => (0, 1),
            _ => default,
        },
        _ => (e is { Decision: Decision.Block, IsStrike: true } ? 1 : 0, 0),   // what else blocks is no deed of the user: an audit log that is away, a budget, a web page
    };
}
