namespace Aegis.Alerting;

/// <summary>
/// Alerts that wait to be told, in the order in which they began. An alert takes one place: it waits once however often it fires meanwhile, and that it is over waits in the
/// same place. Where there is none left, whoever takes up most places gives one to a tenant or a user who has fewer, so that one user's throwaway sessions hide nobody else.
/// Thread-safe.
/// </summary>
internal sealed class AlertQueue
{
    /// <summary>Alerts that wait to be told that they have begun, at most.</summary>
    public const int Capacity = 64;

    /// <summary>Those of which only the end waits, at most.</summary>
    public const int MostOver = 1_024;

    private readonly Lock _gate = new();
    private readonly LinkedList<Place> _places = [];
    private readonly Dictionary<string, LinkedListNode<Place>> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);   // alerts of which nobody was told that they have begun
    private long _dropped;
    private int _begun;
    private bool _isEnded;

    /// <summary>Alerts that found no place.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Alerts that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>Adds one.</summary>
    /// <returns>Whether nothing was lost.</returns>
    public bool TryAdd(AlertWork work)
    {
        lock (_gate)
        {
            var (id, isOver) = (work.Alert.Id, work.Alert.State == AlertState.Resolved);
            if (_isEnded)
            {
                return Lose();
            }

            if (_byId.TryGetValue(id, out var known))
            {
                Take(known.Value, work, isOver);
                return true;
            }

            if (isOver && _lost.Remove(id))
            {
                return true;   // there is nothing to end
            }

            var mine = new Place(work, isOver);
            var isWhole = true;
            if (isOver ? _places.Count - _begun >= MostOver : _begun >= Capacity)
            {
                isWhole = Lose();
                var other = isOver ? null : Largest(mine);
                Forget(other?.Value ?? mine);
                if (other is null)
                {
                    return false;
                }

                Remove(other);
            }

            _lost.Remove(id);   // it is heard of now, and so is its end
            _byId.Add(id, _places.AddLast(mine));
            _begun += isOver ? 0 : 1;
            return isWhole;
        }
    }

    /// <summary>Takes the first; null: there is none.</summary>
    public AlertWork? TryTake()
    {
        lock (_gate)
        {
            if (_places.First is not { } first)
            {
                return null;
            }

            var place = first.Value;
            if (place is { Begins: { } begins, Ends: not null })
            {
                place.Begins = null;   // its end is next
                _begun--;
                return begins;
            }

            Remove(first);
            return place.Begins ?? place.Ends;
        }
    }

    /// <summary>Takes nothing more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
        }
    }

    /// <summary>The last place of the tenant, or else of the user, who has so many more than this one that giving one up is fair; null: nobody has.</summary>
    private LinkedListNode<Place>? Largest(Place mine)
    {
        foreach (var groupOf in (Func<Place, SessionId>[])[static place => place.Tenant, static place => place.User])
        {
            var sizes = _places.Where(static place => place.Begins is not null).CountBy(groupOf).ToDictionary();
            var (largest, size) = sizes.MaxBy(static group => group.Value);
            if (size > sizes.GetValueOrDefault(groupOf(mine)) + 1)
            {
                var node = _places.Last;
                while (node is { Value: var place } && (place.Begins is null || groupOf(place) != largest))
                {
                    node = node.Previous;
                }

                return node;
            }
        }

        return null;
    }

    private void Remove(LinkedListNode<Place> node)
    {
        _places.Remove(node);
        _byId.Remove(node.Value.Id);
        _begun -= node.Value.Begins is null ? 0 : 1;
    }

    private bool Lose()
    {
        Interlocked.Increment(ref _dropped);
        return false;
    }

    /// <summary>Nobody hears of its begin, so that nobody has to hear of its end.</summary>
    private void Forget(Place place)
    {
        if (place.Ends is null && _lost.Count < AlertAccounts.MostKeys)
        {
            _lost.Add(place.Id);
        }
    }

    private void Take(Place place, AlertWork work, bool isOver)
    {
        if (isOver)
        {
            place.Ends = work;
            return;
        }

        _begun += place.Begins is null ? 1 : 0;
        (place.Begins, place.Ends) = (work, null);   // it goes on
    }

    private sealed class Place(AlertWork work, bool isOver)
    {
        public string Id { get; } = work.Alert.Id;

        public SessionId Tenant { get; } = work.Alert.Session?.TenantAccount ?? default;

        public SessionId User { get; } = work.Alert.Session?.PrincipalAccount ?? work.Alert.Session ?? default;

        public AlertWork? Begins { get; set; } = isOver ? null : work;

        public AlertWork? Ends { get; set; } = isOver ? work : null;
    }
}
