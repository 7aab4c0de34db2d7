namespace Aegis.Policies;

/// <summary>Looks again and again whether a policy has changed. Holds its guard weakly, so that a guard that nobody uses ends the watch.</summary>
internal sealed class PolicyReloader : IDisposable
{
    private readonly WeakReference<AegisGuard> _guard;
    private readonly Func<AegisPolicy> _load;
    private readonly ITimer _timer;

    private PolicyReloader(AegisGuard guard, Func<AegisPolicy> load, TimeSpan period)
    {
        (_guard, _load) = (new(guard), load);
        _timer = guard.Services.Time.CreateTimer(static state => ((PolicyReloader)state!).Look(), this, period, period);
    }

    /// <summary>Begins to look.</summary>
    public static IDisposable Poll(AegisGuard guard, Func<AegisPolicy> load, TimeSpan period) => new PolicyReloader(guard, load, period);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_guard.TryGetTarget(out var guard))
        {
            guard.Replace(_load);
        }
        else
        {
            Dispose();
        }
    }
}
