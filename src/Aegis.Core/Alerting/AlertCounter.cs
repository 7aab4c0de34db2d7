using System.Diagnostics.CodeAnalysis;
using Aegis.Policies;

namespace Aegis.Alerting;

/// <summary>Counts for one rule, and decides when there is too much and when that is over: O(1) an event. What is kept is bounded (<see cref="AlertAccounts"/>). Thread-safe; one short lock an event.</summary>
internal sealed class AlertCounter
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly AlertAccounts _accounts;
    private readonly TimeProvider _time;
    private readonly long _window;
    private readonly long _cooldown;

    /// <param name="rule">The rule.</param>
    /// <param name="time">The clock, of which only the monotonic part is used.</param>
    /// <param name="rules">Among how many rules what may be kept is divided.</param>
    public AlertCounter(AlertRule rule, TimeProvider time, int rules)
    {
        _time = time;
        (_window, _cooldown) = (StampsOf(rule.Condition.Window, time), StampsOf(rule.Definition.Cooldown, time));
        _accounts = new(_cooldown, Math.Max(_window, StampsOf(ShortestPause, time)), Window);
        Adopt(rule, rules);
    }

    /// <summary>The rule.</summary>
    public AlertRule Rule { get; private set; }

    /// <summary>Keys that are remembered.</summary>
    public int Keys => _accounts.Count;

    /// <summary>Stamps for which there is room.</summary>
    public int Slots => _accounts.Slots;

    /// <summary>Keys that were forgotten for want of room although something of them was in the window, or in the cooldown.</summary>
    public long Forgotten => _accounts.Forgotten;

    /// <summary>Whether the last of those was within the last window.</summary>
    public bool IsForgetting
    {
        get
        {
            lock (_gate)
            {
                return _accounts.IsForgetting(_time.GetTimestamp());
            }
        }
    }

    /// <summary>A length of time in what timestamps count.</summary>
    public static long StampsOf(TimeSpan length, TimeProvider time) => (long)((Int128)length.Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond);

    /// <summary>The same rule from a policy that was loaded anew: what was counted stays.</summary>
    [MemberNotNull(nameof(Rule))]
    public void Adopt(AlertRule rule, int rules)
    {
        lock (_gate)
        {
            Rule = rule;
            _accounts.Divide(rule.IsCount ? (int)rule.Condition.Threshold + 1 : SumWindow.SlotsOf(SumWindow.Finest), rules);
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
        lock (_gate)
        {
            var now = _time.GetTimestamp();   // in here, so that stamps are in order
            var account = _accounts.Use(key);
            account.Window.Add(now, amount, rest);
            _accounts.Fit(account);
            forgotten = MakeRoom(account, now);
            return decides ? Decide(account, now, null) : null;
        }
    }

    /// <summary>Decides by what is known here, for somebody who could not be asked.</summary>
    /// <param name="key">For whom.</param>
    /// <param name="id">Id of the alert if one begins; null: a new one.</param>
    public AlertChange? Decide(SessionId key, string? id = null)
    {
        lock (_gate)
        {
            return _accounts.Find(key) is { } account ? Decide(account, _time.GetTimestamp(), id) : null;
        }
    }

    /// <summary>Somebody who knows more has decided that there is too much, and that it is for this instance to say so.</summary>
    /// <param name="key">For whom.</param>
    /// <param name="value">How much there is.</param>
    /// <param name="alert">Id of the alert.</param>
    /// <returns>What is to be told, in order.</returns>
    public List<AlertChange> Fire(SessionId key, decimal value, string alert)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var account = _accounts.Use(key);   // anew, if it was forgotten meanwhile: nobody else will say it
            _accounts.Measure(account);
            var told = MakeRoom(account, now) ?? [];
            if (account is { IsAlone: true, Fired: { } last } && now - last < _cooldown)
            {
                account.IsAlone = false;   // it was said when no answer came
                account.IsShared |= account.Alert == alert;
                return told;
            }

            if (account.Alert != alert && End(account, account.Window.Read(now)) is { } other)
            {
                told.Add(other);   // told by what was counted here alone; it goes on under the id that all know
            }

            told.Add(Fire(account, value, now, alert));
            (account.IsShared, account.IsAlone) = (true, false);
            return told;
        }
    }

    /// <summary>Another instance has told an alert that is not over: this one looks too, for that one may end.</summary>
    /// <param name="key">For whom.</param>
    /// <param name="alert">Id of the alert.</param>
    /// <returns>Whose it is, and when to look; null: somebody looks already, or it is forgotten.</returns>
    public (AlertAccount Account, long Due)? Hear(SessionId key, string alert)
    {
        lock (_gate)
        {
            if (_accounts.Find(key) is not { Alert: null } account)
            {
                return null;
            }

            (account.Alert, account.IsShared, account.IsTold) = (alert, true, false);
            if (account.IsWatched)
            {
                return null;
            }

            account.IsWatched = true;
            return (account, _time.GetTimestamp() + _window);
        }
    }

    /// <summary>Id of the alert of a key that is not over; null: none is.</summary>
    public string? OpenOf(SessionId key)
    {
        lock (_gate)
        {
            return _accounts.Find(key)?.Alert;
        }
    }

    /// <summary>Id of the alert of an account that is not over and that other instances know; null: there is none.</summary>
    public string? SharedOf(AlertAccount account)
    {
        lock (_gate)
        {
            return account is { IsGone: false, IsShared: true } ? account.Alert : null;
        }
    }

    /// <summary>Looks whether an alert is over, by what is known here.</summary>
    /// <param name="account">Whose it is.</param>
    /// <returns>That it is over, or when to look again; neither: it was over already.</returns>
    public (AlertChange? Over, long? Next) Look(AlertAccount account)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            return account.IsGone || account.Alert is null ? Unwatched(account, null)
                : !account.IsTold ? (null, now + _window)   // of what was only heard of, somebody else must say how it is
                : account.Window.Exceeds(now) ? (null, account.Window.NextLook(now))
                : Unwatched(account, End(account, account.Window.Read(now)));
        }
    }

    /// <summary>The same, by what somebody who knows more has said of an alert.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="alert">Id of the alert that was asked about.</param>
    /// <param name="known">What was said.</param>
    public (AlertChange? Over, long? Next) Look(AlertAccount account, string alert, SharedCount known)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            if (account.IsGone || account.Alert is null)
            {
                return Unwatched(account, null);
            }

            if (account.Alert != alert || known.Exceeds)
            {
                return (null, now + Math.Max(1, known.Exceeds ? StampsOf(known.Next, _time) : _window));
            }

            account.IsTold = known.Claimed;   // else another instance says so
            return Unwatched(account, End(account, known.Value));
        }
    }

    /// <summary>The rule is gone: everything is over.</summary>
    public List<AlertChange> End()
    {
        lock (_gate)
        {
            return Ends(_accounts.Clear());
        }
    }

    /// <summary>When to look first whether an alert is over.</summary>
    public long FirstLook(AlertAccount account)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            return account.Window.IsEmpty(now) ? now + _window : account.Window.NextLook(now);
        }
    }

    /// <summary>How many keys were forgotten, if that is to be said now: once in a window, and once a minute at most; 0: nothing is to be said.</summary>
    public long TakeUnsaid() => _accounts.TakeUnsaid();

    /// <summary>Whether a cost, in millionths, is too much.</summary>
    public static Func<long, long, (decimal Value, bool Exceeds)> CostJudge(decimal threshold) => (amount, _) => (amount / AlertRule.Micros, amount / AlertRule.Micros > threshold);

    /// <summary>Whether a share is too large, and of enough.</summary>
    public static Func<long, long, (decimal Value, bool Exceeds)> ShareJudge(decimal threshold, int minimum) => (amount, rest) =>
        amount + rest == 0 ? default : ((decimal)amount / (amount + rest), amount + rest >= minimum && (decimal)amount / (amount + rest) > threshold);

    /// <summary>Whether there are too many.</summary>
    public static Func<long, long, (decimal Value, bool Exceeds)> CountJudge(int threshold) => (amount, _) => (Math.Min(amount, threshold + 1L), amount > threshold);

    private AlertChange? Decide(AlertAccount account, long now, string? id)
    {
        if (!account.Window.Exceeds(now) || (account.Fired is { } last && now - last < _cooldown))
        {
            return null;
        }

        account.IsShared &= account.IsTold;   // what was only heard of may be over elsewhere: this instance says itself when it is
        var change = Fire(account, account.Window.Read(now), now, account.Alert ?? id ?? DecisionId.Next().ToString());
        account.IsAlone = true;
        return change;
    }

    private AlertChange Fire(AlertAccount account, decimal value, long now, string alert)
    {
        var change = new AlertChange(Rule, account, alert, AlertState.Fired, value, IsNew: !account.IsWatched);
        (account.Fired, account.Alert, account.IsTold, account.IsWatched) = (now, alert, true, true);
        return change;
    }

    /// <summary>It is over.</summary>
    /// <returns>That, if it is for this instance to say so.</returns>
    private AlertChange? End(AlertAccount account, decimal value)
    {
        var change = account is { Alert: { } alert, IsTold: true } ? new AlertChange(Rule, account, alert, AlertState.Resolved, value, IsNew: false) : (AlertChange?)null;
        (account.Alert, account.IsShared, account.IsTold) = (null, false, false);
        return change;
    }

    private static (AlertChange? Over, long? Next) Unwatched(AlertAccount account, AlertChange? over)
    {
        account.IsWatched = false;
        return (over, null);
    }

    /// <summary>Keeps to the bounds.</summary>
    /// <returns>Alerts that nobody will see the end of; null: there are none.</returns>
    private List<AlertChange>? MakeRoom(AlertAccount account, long now) => _accounts.MakeRoom(account, now) is { } forgotten && Ends(forgotten) is { Count: > 0 } ends ? ends : null;

    private List<AlertChange> Ends(IEnumerable<AlertAccount> forgotten) => [.. forgotten.Select(account => End(account, account.Window.Read(_time.GetTimestamp()))).OfType<AlertChange>()];

    private AlertWindow Window(int parts) => Rule.Type switch
    {
        AlertConditionType.CostAnomaly => new SumWindow(_window, CostJudge(Rule.Condition.Threshold), waits: false, parts),
        AlertConditionType.ScanBlockRate => new SumWindow(_window, ShareJudge(Rule.Condition.Threshold, Rule.Minimum), waits: true, parts),
        _ => new CountWindow((int)Rule.Condition.Threshold, _window),
    };
}
