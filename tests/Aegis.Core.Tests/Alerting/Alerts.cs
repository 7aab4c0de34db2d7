using Aegis.Alerting;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Alerting;

/// <summary>An engine with a clock of its own, and what others hear of it.</summary>
internal sealed class Alerts : IDisposable, IEventSink
{
    public static readonly PolicyVersion Version = new("p", "h");

    private readonly List<AegisEvent> _heard = [];

    public Alerts(params AlertRulePolicy[] rules)
        : this(new FakeTimeProvider(), [], rules)
    {
    }

    public Alerts(IAlertWindows windows, params AlertRulePolicy[] rules)
        : this(new FakeTimeProvider(), [], windows, rules)
    {
    }

    public Alerts(TimeProvider time, IReadOnlyList<(string? Rule, Func<Alert, CancellationToken, ValueTask> Call)> callbacks, params AlertRulePolicy[] rules)
        : this(time, callbacks, windows: null, rules)
    {
    }

    private Alerts(TimeProvider time, IReadOnlyList<(string? Rule, Func<Alert, CancellationToken, ValueTask> Call)> callbacks, IAlertWindows? windows, AlertRulePolicy[] rules)
    {
        Clock = time;
        Outlets = new(webhook: null, callbacks, time, Log);
        Engine = new(time, new([this], Log), Outlets, Log, windows);
        Adopt(rules);
    }

    public FakeLogger Log { get; } = new();

    public TimeProvider Clock { get; }

    public FakeTimeProvider Time => (FakeTimeProvider)Clock;

    public AlertOutlets Outlets { get; }

    public AlertEngine Engine { get; }

    /// <summary>The rules and states that were told, in order.</summary>
    public string Told
    {
        get
        {
            lock (_heard)
            {
                return string.Join(' ', _heard.Select(static e => $"{e.Verdict.Rule!["alert/".Length..]}{(e.Type == EventTypes.AlertFired ? "!" : ".")}"));
            }
        }
    }

    public IReadOnlyList<AegisEvent> Heard
    {
        get
        {
            lock (_heard)
            {
                return [.. _heard];
            }
        }
    }

    public void Adopt(params AlertRulePolicy[] rules) => Engine.Adopt([.. rules.Select(static rule => new AlertRule(rule))], Version);

    public void Write(AegisEvent e)
    {
        lock (_heard)
        {
            _heard.Add(e);
        }
    }

    public void Hear(AegisEvent e, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Engine.Write(e);
        }
    }

    public static AlertRulePolicy Spike(int threshold, int seconds = 60, int cooldown = 60, string id = "r", string e = EventTypes.ScanBlock) =>
        new(id, new(AlertConditionType.RateSpike, threshold, TimeSpan.FromSeconds(seconds)) { Event = e }) { Cooldown = TimeSpan.FromSeconds(cooldown) };

    public static AlertRulePolicy Rule(AlertConditionType type, decimal threshold, int seconds = 60) => new("r", new(type, threshold, TimeSpan.FromSeconds(seconds)));

    public static AegisEvent Blocked(SessionId? session = null) => Of(new UserInput("x"), Decision.Block, session);

    /// <summary>What a user typed and what was blocked as an attack.</summary>
    public static AegisEvent Attack(SessionId? session = null) => new(DecisionId.Next(), new UserInput("x"), session ?? new("s"), Verdict.Of(Finding.Block("test/found") with { Atlas = ["AML.T0051.000"] }), Decision.Block) { IsStrike = true };

    public static AegisEvent Passed(SessionId? session = null) => new(DecisionId.Next(), new UserInput("x"), session ?? new("s"), Verdict.None, Decision.Allow);

    public static AegisEvent Cost(decimal cost, SessionId? session = null) => new(DecisionId.Next(), new ModelOutput("x"), session ?? new("s"), Verdict.None, Decision.Allow) { CostMicros = (long)(cost * AlertRule.Micros) };

    public static AegisEvent Of(Subject? subject, Decision decision, SessionId? session = null) =>
        new(DecisionId.Next(), subject, session ?? new("s"), Verdict.Of(new Finding("test/found", decision, 1)), decision);

    public void Dispose() => Engine.Dispose();
}
