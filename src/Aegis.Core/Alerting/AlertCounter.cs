using System.Diagnostics.CodeAnalysis;
using Aegis.Policies;

namespace Aegis.Alerting;

/// <summary>
/// Counts for one rule: O(1) an event. What is kept is bounded, in keys and in stamps; the key that was counted longest ago is forgotten, with its cooldown.
/// Thread-safe; one short lock an event.
/// </summary>
internal sealed class AlertCounter
{
    /// <summary>Keys of all rules together, at most; a rule has at least <see cref="LeastKeys"/>.</summary>
    public const int MostKeys = 100_000;

    /// <summary>Stamps of all rules together, at most; a rule has at least those of its largest window.</summary>
    public const int MostSlots = 2_000_000;

    private const int LeastKeys = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<SessionId, LinkedListNode<AlertAccount>> _accounts = [];
    private readonly LinkedList<AlertAccount> _byUse = [];   // the one that was used last stands last
    private readonly TimeProvider _time;
    private readonly long _window;
    private readonly long _cooldown;
    private int _mostKeys;
    private int _mostSlots;
    private int _slots;

    /// <param name="rule">The rule.</param>
    /// <param name="time">The clock, of which only the monotonic part is used.</param>
    /// <param name="rules">Among how many rules what may be kept is divided.</param>
    public AlertCounter(AlertRule rule, TimeProvider time, int rules)
    {
        _time = time;
        (_window, _cooldown) = (StampsOf(rule.Condition.Window, time), StampsOf(rule.Definition.Cooldown, time));
        Adopt(rule, rules);
    }

    /// <summary>The rule.</summary>
    public AlertRule Rule { get; private set; }

    /// <summary>Keys that are remembered.</summary>
    public int Keys => _accounts.Count;

    /// <summary>Stamps for which there is room.</summary>
    public int Slots => _slots;

    /// <summary>Keys that were forgotten for want of room.</summary>
    public long Forgotten { get; private set; }

    /// <summary>A length of time in what timestamps count.</summary>
    public static long StampsOf(TimeSpan length, TimeProvider time) => (long)((Int128)length.Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond);

    /// <summary>The same rule from a policy that was loaded anew: what was counted stays.</summary>
    [MemberNotNull(nameof(Rule))]
    public void Adopt(AlertRule rule, int rules)
    {
        lock (_gate)
        {
            Rule = rule;
            _mostKeys = Math.Max(LeastKeys, MostKeys / rules);
            _mostSlots = Math.Max(rule.IsCount ? (int)rule.Condition.Threshold + 1 : SumWindow.Most * 4, MostSlots / rules);
        }
    }

    /// <summary>Counts.</summary>
    /// <param name="key">For whom.</param>
    /// <param name="amount">How much.</param>
    /// <param name="rest">What it is a share of, beside it.</param>
    /// <param name="decides">Whether what is known here decides; else somebody else is asked.</param>
    /// <param name="forgotten">Alerts that nobody will see the end of.</param>
    /// <returns>What came of it; null: nothing.</returns>
    public AlertChange? Count(SessionId key, long amount, long rest, bool decides, out List<AlertChange>? forgotten)
    {
        forgotten = null;
        lock (_gate)
        {
            var now = _time.GetTimestamp();   // in here, so that stamps are in order
            var account = Of(key);
            account.Window.Add(now, amount, rest);
            _slots += account.Window.Slots - account.Slots;
            account.Slots = account.Window.Slots;
            while ((_accounts.Count > _mostKeys || _slots > _mostSlots) && _byUse.First!.Value is var oldest && !ReferenceEquals(oldest, account))
            {
                Forgotten++;
                if (Forget(oldest) is { } over)
                {
                    (forgotten ??= []).Add(over);
                }
            }

            return decides ? Decide(account, now) : null;
        }
    }

    /// <summary>Decides by what is known here, for somebody who could not be asked.</summary>
    public AlertChange? Decide(SessionId key)
    {
        lock (_gate)
        {
            return _accounts.TryGetValue(key, out var account) ? Decide(account.Value, _time.GetTimestamp()) : null;
        }
    }

    /// <summary>Somebody who knows more has decided that there is too much, and that it may be said.</summary>
    /// <param name="key">For whom.</param>
    /// <param name="value">How much there is.</param>
    /// <param name="alert">Id of the alert.</param>
    public AlertChange? Fire(SessionId key, decimal value, string alert)
    {
        lock (_gate)
        {
            return _accounts.TryGetValue(key, out var account) ? Fire(account.Value, value, _time.GetTimestamp(), alert) : null;
        }
    }

    /// <summary>Looks whether an alert is over.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="known">What somebody who knows more has said, and when to ask again; null: what is known here decides.</param>
    /// <returns>That it is over, or when to look again; neither: it was over already.</returns>
    public (AlertChange? Over, long? Next) Look(AlertAccount account, (decimal Value, bool Exceeds, long Next)? known = null)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            return account.IsGone || account.Alert is null ? default
                : known?.Exceeds ?? account.Window.Exceeds(now) ? (null, known?.Next ?? account.Window.NextLook(now))
                : (End(account, known?.Value ?? account.Window.Read(now)), null);
        }
    }

    /// <summary>The rule is gone: everything is over.</summary>
    public List<AlertChange> End()
    {
        lock (_gate)
        {
            List<AlertChange> over = [.. _byUse.ToList().Select(Forget).OfType<AlertChange>()];
            return over;
        }
    }

    /// <summary>When to look first whether an alert is over.</summary>
    public long FirstLook(AlertAccount account)
    {
        lock (_gate)
        {
            return account.Window.NextLook(_time.GetTimestamp());
        }
    }

    private AlertChange? Decide(AlertAccount account, long now) =>
        account.Window.Exceeds(now) && (account.Fired is not { } last || now - last >= _cooldown) ? Fire(account, account.Window.Read(now), now) : null;

    private AlertChange Fire(AlertAccount account, decimal value, long now, string? id = null)
    {
        account.Fired = now;
        var isNew = account.Alert is null;
        var alert = account.Alert = id ?? account.Alert ?? DecisionId.Next().ToString();
        return new(Rule, account, alert, AlertState.Fired, value, isNew);
    }

    private AlertChange? End(AlertAccount account, decimal value)
    {
        if (account.Alert is not { } alert)
        {
            return null;
        }

        account.Alert = null;
        return new(Rule, account, alert, AlertState.Resolved, value, IsNew: false);
    }

    private AlertChange? Forget(AlertAccount account)
    {
        _accounts.Remove(account.Key, out var node);
        _byUse.Remove(node!);
        _slots -= account.Slots;
        account.IsGone = true;
        return End(account, account.Window.Read(_time.GetTimestamp()));
    }

    private AlertAccount Of(SessionId key)
    {
        if (_accounts.TryGetValue(key, out var known))
        {
            _byUse.Remove(known);
            _byUse.AddLast(known);
            return known.Value;
        }

        var account = new AlertAccount(key, Window());
        _accounts.Add(key, _byUse.AddLast(account));
        return account;
    }

    private AlertWindow Window() => Rule.Type switch
    {
        AlertConditionType.CostAnomaly => new SumWindow(_window, CostJudge(Rule.Condition.Threshold), waits: false),
        AlertConditionType.ScanBlockRate => new SumWindow(_window, ShareJudge(Rule.Condition.Threshold, Rule.Minimum), waits: true),
        _ => new CountWindow((int)Rule.Condition.Threshold, _window),
    };

    /// <summary>Whether a cost, in millionths, is too much.</summary>
    public static Func<long, long, (decimal Value, bool Exceeds)> CostJudge(decimal threshold) => (amount, _) => (amount / AlertRule.Micros, amount / AlertRule.Micros > threshold);

    /// <summary>Whether a share is too large, and of enough.</summary>
    public static Func<long, long, (decimal Value, bool Exceeds)> ShareJudge(decimal threshold, int minimum) => (amount, rest) =>
        amount + rest == 0 ? default : ((decimal)amount / (amount + rest), amount + rest >= minimum && (decimal)amount / (amount + rest) > threshold);
}
