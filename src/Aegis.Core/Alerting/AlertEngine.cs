using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Logging;

namespace Aegis.Alerting;

/// <summary>
/// Hears every event, whatever is logged or kept of it, and tells somebody when a rule has counted too much: an event for the other sinks, at once, and the rule's
/// action, from a queue. Never waits and never throws. Thread-safe.
/// </summary>
internal sealed partial class AlertEngine : IEventSink, IDisposable
{
    private const int LeastLooks = 1_024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _looking = new();
    private readonly PriorityQueue<(AlertCounter Counter, AlertAccount Account), long> _looks = new();
    private readonly SessionId _nobody = SessionId.Instance($"alerts-{Guid.NewGuid():N}");
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;
    private readonly long _startTimestamp;
    private readonly EventHub _others;
    private readonly AlertOutlets _outlets;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly SharedAlerts? _shared;
    private volatile AlertTable _table = AlertTable.Empty;
    private int _mostLooks = LeastLooks;
    private int _failures;

    /// <param name="time">The clock.</param>
    /// <param name="others">Who hears of alerts. The engine is not among them, so that no alert counts.</param>
    /// <param name="outlets">What is done.</param>
    /// <param name="logger">Where failures are said.</param>
    /// <param name="windows">Windows that all instances share; null: there are none.</param>
    public AlertEngine(TimeProvider time, EventHub others, AlertOutlets outlets, ILogger logger, IAlertWindows? windows = null)
    {
        (_time, _others, _outlets, _logger) = (time, others, outlets, logger);
        (_start, _startTimestamp) = (time.GetUtcNow(), time.GetTimestamp());
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _shared = windows is null ? null : new(windows, time, Begin, Looked);
    }

    /// <summary>The rules at work.</summary>
    internal AlertTable Table => _table;

    /// <summary>Alerts that are looked after.</summary>
    internal int Looks
    {
        get
        {
            lock (_looking)
            {
                return _looks.Count;
            }
        }
    }

    /// <summary>What takes counts to other instances; null: nothing does.</summary>
    internal SharedAlerts? Shared => _shared;

    private DateTimeOffset Now => _start + _time.GetElapsedTime(_startTimestamp);

    /// <summary>How alerts are; null: the policy has no rules.</summary>
    public AlertHealth? Health => _table.All.Count == 0 ? null
        : _outlets.Health is var outlets && _shared is null ? outlets
        : outlets with { CountedAlone = _shared!.Local, Failing = outlets.Failing ?? (_shared.IsAway ? "the windows that instances share do not answer" : null) };

    /// <summary>Takes up the rules of a policy. What was counted for a rule that has not changed stays.</summary>
    public void Adopt(IReadOnlyList<AlertRule> rules, PolicyVersion version)
    {
        var before = _table;
        if (rules.Count == 0 && before.All.Count == 0)
        {
            return;
        }

        var known = before.All.ToDictionary(static counter => counter.Rule.Id, StringComparer.Ordinal);
        var counters = new List<AlertCounter>(rules.Count);
        foreach (var rule in rules)
        {
            if (known.Remove(rule.Id, out var counter) && counter.Rule.Definition == rule.Definition)
            {
                counter.Adopt(rule, rules.Count);
                counters.Add(counter);
                continue;
            }

            if (counter is not null)
            {
                known.Add(rule.Id, counter);   // it says something else now
            }

            counters.Add(new(rule, _time, rules.Count));
        }

        _table = new(counters, version);
        foreach (var gone in known.Values)
        {
            gone.End().ForEach(change => Tell(change, before));
        }

        _outlets.Keep(rules);
    }

    /// <inheritdoc/>
    public void Write(AegisEvent e)
    {
        var table = _table;
        if (table.All.Count == 0)
        {
            return;
        }

        var type = e.Type;
        Count(table.OfType(type), e, type, table);
        Count(table.OfCost(e), e, type, table);
        Count(table.OfBlock(e), e, type, table);
    }

    /// <summary>No alert is told any more. What is in the queues still goes out, while the process runs.</summary>
    public void Dispose()
    {
        _table = AlertTable.Empty;
        _timer.Dispose();
        _shared?.Dispose();
        _outlets.Dispose();
    }

    private void Count(ReadOnlySpan<AlertCounter> counters, AegisEvent e, string type, AlertTable table)
    {
        foreach (var counter in counters)
        {
            var (amount, rest) = counter.Rule.Weigh(e, type);
            if (amount == 0 && rest == 0)
            {
                continue;
            }

            var key = counter.Rule.KeyOf(e.Session);
            var change = counter.Count(key, amount, rest, decides: _shared is null, out var forgotten);
            forgotten?.ForEach(over => Tell(over, table));
            if (_shared is not null && !_shared.TryCount(counter, key, amount, rest))
            {
                change = counter.Decide(key);
            }

            if (change is { } begins)
            {
                Begin(counter, begins);
            }
        }
    }

    private void Begin(AlertCounter counter, AlertChange change)
    {
        Tell(change, _table);
        if (change.IsNew)
        {
            LookAt(counter, change.Account, counter.FirstLook(change.Account));
        }
    }

    private void LookAt(AlertCounter counter, AlertAccount account, long due)
    {
        lock (_looking)
        {
            _looks.Enqueue((counter, account), due);
            if (_looks.Count > _mostLooks)
            {
                // Those that were forgotten would wait here for the end of their windows.
                ((AlertCounter, AlertAccount), long)[] kept = [.. _looks.UnorderedItems.Where(static look => !look.Element.Account.IsGone)];
                _looks.Clear();
                _looks.EnqueueRange(kept);
                _mostLooks = Math.Max(LeastLooks, 2 * kept.Length);
            }

            if (_looks.Peek().Account == account)
            {
                Arm(due);
            }
        }
    }

    private void Arm(long due)
    {
        var perMillisecond = Math.Max(1, _time.TimestampFrequency / 1_000);
        var wait = Math.Max(0, due - _time.GetTimestamp() + perMillisecond - 1) / perMillisecond;   // timers count whole milliseconds, and must not come too early
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(wait, (long)LongestWait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        try
        {
            while (NextLook() is var (counter, account))
            {
                if (_shared?.TryLook(counter, account) != true)
                {
                    var (over, next) = counter.Look(account);
                    Looked(counter, account, over, next);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The engine has ended meanwhile.
        }
    }

    private void Looked(AlertCounter counter, AlertAccount account, AlertChange? over, long? next)
    {
        if (over is { } change)
        {
            Tell(change, _table);
        }
        else if (next is { } due)
        {
            LookAt(counter, account, due);
        }
    }

    private (AlertCounter Counter, AlertAccount Account)? NextLook()
    {
        lock (_looking)
        {
            if (!_looks.TryPeek(out var next, out var due))
            {
                return null;
            }

            if (due > _time.GetTimestamp())
            {
                Arm(due);
                return null;
            }

            _looks.Dequeue();
            return next;
        }
    }

    private void Tell(AlertChange change, AlertTable table)
    {
        try
        {
            var alert = AlertOf(change, table);
            _others.Publish(new(DecisionId.Next(), subject: null, change.Account.Key.IsDefault ? _nobody : change.Account.Key, Verdict.Of(new Finding($"alert/{alert.Rule}", Decision.Flag) { Detail = alert.Summary }), Decision.Allow)
            {
                Time = alert.Time,
                Version = table.Version,
                Named = change.State == AlertState.Fired ? EventTypes.AlertFired : EventTypes.AlertResolved,
            });
            _outlets.Deliver(change.Rule, alert);
        }
        catch (Exception e)   // whatever it is, the request goes on
        {
            if (Interlocked.Increment(ref _failures) == 1)
            {
                Failed(_logger, change.Rule.Id, e.GetType().Name);
            }
        }
    }

    private Alert AlertOf(AlertChange change, AlertTable table)
    {
        var (rule, key) = (change.Rule, change.Account.Key);
        return new()
        {
            Id = change.Alert,
            Rule = rule.Id,
            State = change.State,
            Time = Now,
            Condition = rule.Type,
            Event = rule.Condition.Event,
            Per = rule.Per,
            Session = rule.Per is AlertScope.Session or AlertScope.Principal && !key.IsDefault ? key : null,
            Tenant = rule.Per == AlertScope.Tenant && !key.IsDefault ? key.Id : null,
            Value = change.Value,
            Threshold = rule.Condition.Threshold,
            Window = rule.Condition.Window,
            Policy = table.Version.Name,
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Alert of rule {Rule} could not be told: {Exception}; further ones are only counted")]
    private static partial void Failed(ILogger logger, string rule, string exception);
}
