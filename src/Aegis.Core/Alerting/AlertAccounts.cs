namespace Aegis.Alerting;

/// <summary>
/// What one rule remembers, within bounds, in keys and in stamps: where there is no room, windows are kept in coarser parts, and then the key that was counted longest ago
/// is forgotten, with its cooldown, which is said. O(1) an event. Guarded by the rule's counter, but for the numbers.
/// </summary>
/// <param name="cooldown">For how long a key that has fired is not forgotten silently, in timestamps.</param>
/// <param name="pause">How long the last one that was forgotten counts as recent, and how often that is said, in timestamps.</param>
/// <param name="windows">Makes a window of so many parts.</param>
internal sealed class AlertAccounts(long cooldown, long pause, Func<int, AlertWindow> windows)
{
    /// <summary>Keys of all rules together, at most; a rule has at least <see cref="LeastKeys"/>.</summary>
    public const int MostKeys = 100_000;

    /// <summary>Stamps of all rules together, at most; a rule has at least those of its largest window.</summary>
    public const int MostSlots = 2_000_000;

    /// <summary>Keys that one event forgets or makes coarser, at most: of a bound that has just become smaller, the rest is for the next events.</summary>
    public const int MostSteps = 64;

    private const int LeastKeys = 100;
    private const int MostWork = 65_536;   // slots that one event goes through for it

    private readonly Dictionary<SessionId, LinkedListNode<AlertAccount>> _accounts = [];
    private readonly LinkedList<AlertAccount> _byUse = [];   // the one that was used last stands last
    private LinkedListNode<AlertAccount>? _finer;   // from here on windows have more parts than that
    private int _parts = SumWindow.Finest;
    private int _mostKeys;
    private int _mostSlots;
    private long _forgotten;
    private long _unsaid;
    private long? _lost;
    private long? _said;

    /// <summary>Keys that are remembered.</summary>
    public int Count => _accounts.Count;

    /// <summary>Stamps for which there is room.</summary>
    public int Slots { get; private set; }

    /// <summary>Keys that were forgotten for want of room although something of them was in the window, or in the cooldown. Thread-safe.</summary>
    public long Forgotten => Interlocked.Read(ref _forgotten);

    /// <summary>Whether the last of those was within the last pause.</summary>
    public bool IsForgetting(long now) => _lost is { } last && now - last < pause;

    /// <summary>How many keys were forgotten, if that is to be said now: once in a pause at most; 0: nothing is to be said. Thread-safe.</summary>
    public long TakeUnsaid() => Volatile.Read(ref _unsaid) == 0 ? 0 : Interlocked.Exchange(ref _unsaid, 0);

    /// <summary>What may be kept.</summary>
    /// <param name="leastSlots">Stamps of the largest window.</param>
    /// <param name="rules">Among how many rules it is divided.</param>
    public void Divide(int leastSlots, int rules)
    {
        _mostKeys = Math.Max(LeastKeys, MostKeys / rules);
        _mostSlots = Math.Max(leastSlots, MostSlots / rules);
    }

    /// <summary>What is remembered of a key; null: nothing is.</summary>
    public AlertAccount? Find(SessionId key) => _accounts.TryGetValue(key, out var known) ? known.Value : null;

    /// <summary>What is remembered of a key, anew if nothing is; it is the one that was used last.</summary>
    public AlertAccount Use(SessionId key)
    {
        if (_accounts.TryGetValue(key, out var known))
        {
            Remove(known);
            _byUse.AddLast(known);
            return known.Value;
        }

        var account = new AlertAccount(key, windows(_parts));
        _accounts.Add(key, _byUse.AddLast(account));
        return account;
    }

    /// <summary>Counts the slots of a window that has grown, in parts as coarse as those of the others.</summary>
    public void Fit(AlertAccount account)
    {
        if (_parts < SumWindow.Finest && account.Window.Slots > SumWindow.SlotsOf(_parts))
        {
            account.Window = account.Window.Coarser(_parts);
        }

        Measure(account);
    }

    /// <summary>Counts the slots of a window.</summary>
    public void Measure(AlertAccount account)
    {
        Slots += account.Window.Slots - account.Slots;
        account.Slots = account.Window.Slots;
    }

    /// <summary>Keeps to the bounds: forgets who has nothing in the window, then makes windows coarser, then forgets whoever was counted longest ago.</summary>
    /// <param name="account">The one that was used last, which stays.</param>
    /// <param name="now">A timestamp.</param>
    /// <returns>Those that were forgotten with an alert that is not over; null: none was.</returns>
    public List<AlertAccount>? MakeRoom(AlertAccount account, long now)
    {
        List<AlertAccount>? alarmed = null;
        for (var (step, work) = (0, 0); step < MostSteps && work < MostWork && (_accounts.Count > _mostKeys || Slots > _mostSlots); step++)
        {
            var oldest = _byUse.First!.Value;
            var isIdle = oldest.Alert is null && oldest.Window.IsEmpty(now) && !(oldest.Fired is { } last && now - last < cooldown);
            if (ReferenceEquals(oldest, account) || (!isIdle && _accounts.Count <= _mostKeys))
            {
                if (TryMakeCoarser(out var slots))
                {
                    work += slots;
                    continue;
                }

                if (ReferenceEquals(oldest, account))
                {
                    break;
                }
            }

            work += oldest.Slots;
            if (!isIdle)
            {
                Lose(now);
            }

            Forget(oldest);
            if (oldest.Alert is not null)
            {
                (alarmed ??= []).Add(oldest);
            }
        }

        return alarmed;
    }

    /// <summary>Forgets all.</summary>
    /// <returns>Those that were remembered, the one that was used longest ago first.</returns>
    public IReadOnlyList<AlertAccount> Clear()
    {
        AlertAccount[] all = [.. _byUse];
        Array.ForEach(all, Forget);
        return all;
    }

    /// <summary>Makes the next window coarser, in a walk over all of them.</summary>
    /// <param name="slots">How large it was.</param>
    private bool TryMakeCoarser(out int slots)
    {
        slots = 0;
        if (_finer is null)
        {
            if (_parts == SumWindow.Coarsest)
            {
                return false;
            }

            (_parts, _finer) = (_parts / 4, _byUse.First);
        }

        var account = _finer!.Value;
        _finer = _finer.Next;
        slots = account.Slots;
        account.Window = account.Window.Coarser(_parts);
        Measure(account);
        return true;
    }

    private void Lose(long now)
    {
        Interlocked.Increment(ref _forgotten);
        _lost = now;
        if (_said is not { } last || now - last >= pause)
        {
            _said = now;
            Interlocked.Exchange(ref _unsaid, Forgotten);
        }
    }

    private void Forget(AlertAccount account)
    {
        _accounts.Remove(account.Key, out var node);
        Remove(node!);
        Slots -= account.Slots;
        account.IsGone = true;
    }

    private void Remove(LinkedListNode<AlertAccount> node)
    {
        _finer = ReferenceEquals(_finer, node) ? node.Next : _finer;
        _byUse.Remove(node);
    }
}
