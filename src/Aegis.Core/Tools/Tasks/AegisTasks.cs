namespace Aegis.Tools;

/// <summary>Tasks inside each other. What one of them leaves out, none inside brings back: there is no way to take one away.</summary>
internal sealed class AegisTasks
{
    private readonly AegisTask[] _all;

    private AegisTasks(AegisTask[] all) => _all = all;

    /// <summary>The tasks, the outermost first.</summary>
    public IReadOnlyList<AegisTask> All => _all;

    /// <summary>All of these, as they were, for a replay.</summary>
    public static AegisTasks Of(AegisTask[] all) => new(all);

    /// <summary>Both; null narrows nothing. One of the two itself, if the other adds nothing to it.</summary>
    public static AegisTasks? And(AegisTasks? outer, AegisTasks? inner) =>
        inner is null || (outer is not null && Array.TrueForAll(inner._all, outer._all.Contains)) ? outer
        : outer is null || Array.TrueForAll(outer._all, inner._all.Contains) ? inner
        : new([.. outer._all.Union(inner._all)]);

    public static AegisTasks And(AegisTasks? outer, AegisTask task) => And(outer, new AegisTasks([task]))!;

    /// <summary>Whether every task needs the tool. Permissions count by the whole name and not for look-alikes.</summary>
    public bool Allows(string tool) => ToolName.IsWellFormed(tool) && ToolName.Of(tool) is var name && Array.TrueForAll(_all, task => task.Allows(name));
}
