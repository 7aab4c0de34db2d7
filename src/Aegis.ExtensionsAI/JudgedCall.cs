using Aegis.Tools;

namespace Aegis.ExtensionsAI;

/// <summary>A call that was judged and runs now. A framework that shows the same call to a second seam on its way asks here, so that it is not judged and charged again.</summary>
internal sealed class JudgedCall
{
    private static readonly AsyncLocal<JudgedCall?> Current = new();

    private readonly AegisGuard _guard;
    private readonly string _tool;
    private readonly string _key;
    private readonly object? _source;
    private int _taken;

    private JudgedCall(AegisGuard guard, string tool, string key, object? source) => (_guard, _tool, _key, _source) = (guard, tool, key, source);

    /// <summary>Until disposed, the call runs.</summary>
    public static Restore Enter(AegisGuard guard, string tool, string key, object? source)
    {
        var before = Current.Value;
        Current.Value = new(guard, tool, key, source);
        return new(before);
    }

    /// <summary>Whether this is the call that runs, as it was judged. Says yes once: what the function calls itself is something else.</summary>
    /// <param name="guard">The guard that judged.</param>
    /// <param name="isNamed">Whether a tool's name is one of the function's.</param>
    /// <param name="isSame">Whether the arguments are as they were at their source.</param>
    /// <param name="arguments">What it runs with, where the source does not say.</param>
    public static bool TryTake(AegisGuard guard, Func<string, bool> isNamed, Func<object?, bool> isSame, Func<ToolArguments> arguments) =>
        Current.Value is { } judged && ReferenceEquals(judged._guard, guard) && isNamed(judged._tool)
        && (isSame(judged._source) || string.Equals(ApprovalDesk.KeyOf(judged._tool, arguments()), judged._key, StringComparison.Ordinal)) && Interlocked.Exchange(ref judged._taken, 1) == 0;

    public readonly struct Restore(JudgedCall? before) : IDisposable
    {
        public void Dispose() => Current.Value = before;
    }
}
