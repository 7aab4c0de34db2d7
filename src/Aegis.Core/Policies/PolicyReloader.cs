namespace Aegis.Policies;

/// <summary>Looks again and again whether a policy has changed. Holds its guard weakly, so that a guard that nobody uses ends the watch.</summary>
internal sealed class PolicyReloader : IDisposable
{
    private readonly WeakReference<AegisGuard> _guard;
    private readonly Func<AegisPolicy> _load;
    private readonly ITimer _timer;
    private string? _seen;
    private int _isLooking;

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
        if (!_guard.TryGetTarget(out var guard))
        {
            Dispose();
            return;
        }

        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
        {
            return;   // the last look still reads
        }

        var (policy, mistake) = Read();
        var seen = policy is null ? mistake!.Message : PolicyCompiler.VersionOf(policy).Hash;
        if (string.Equals(Interlocked.Exchange(ref _seen, seen), seen, StringComparison.Ordinal))
        {
            guard.Replace(() => policy ?? throw mistake!);   // twice the same: nobody is still writing it
        }

        Volatile.Write(ref _isLooking, 0);
    }

    private (AegisPolicy? Policy, PolicyException? Mistake) Read()
    {
        try
        {
            return (_load(), null);
        }
        catch (PolicyException e)
        {
            return (null, e);
        }
        catch (Exception e)   // whatever it is, the policy is not to be had
        {
            return (null, new([new("$", $"cannot be loaded: {e.GetType().Name}.") { Code = Documents.PolicyErrorCodes.Unreadable }]));
        }
    }
}
