namespace Aegis.ExtensionsAI;

/// <summary>A call that was judged and runs now. A framework that shows the same call to a second seam on its way asks here, so that it is not judged and charged again.</summary>
internal sealed class JudgedCall
{
    private static readonly AsyncLocal<JudgedCall?> Current = new();

    private readonly AegisGuard _guard;
    private int _taken;

    private JudgedCall(AegisGuard guard, string tool, string key, object source) => (_guard, Tool, Key, Source) = (guard, tool, key, source);

    public string Tool { get; }

    /// <summary>The call by tool and canonical arguments.</summary>
    public string Key { get; }

    /// <summary>What the second seam will see of it.</summary>
    public object Source { get; }

    /// <summary>Until disposed, the call runs. Without a source no second seam sees it.</summary>
    public static Restore Enter(AegisGuard guard, string tool, string key, object? source)
    {
        var before = Current.Value;
        Current.Value = source is null ? null : new(guard, tool, key, source);
        return new(before);
    }

    /// <summary>Whether a call is the one that runs, as it was judged. Says yes once: what the function calls itself is something else.</summary>
    public static bool TryTake(AegisGuard guard, Func<JudgedCall, bool> isThis) =>
        Current.Value is { } judged && ReferenceEquals(judged._guard, guard) && isThis(judged) && Interlocked.Exchange(ref judged._taken, 1) == 0;

    public readonly struct Restore(JudgedCall? before) : IDisposable
    {
        public void Dispose() => Current.Value = before;
    }
}
