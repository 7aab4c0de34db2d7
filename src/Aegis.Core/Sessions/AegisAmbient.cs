namespace Aegis;

/// <summary>What flows with the async context: the host's scope, the run, whether a tool of it is running, whether an inspection is.</summary>
internal sealed record AegisAmbient(AegisScope? Scope, AegisRun? Run, bool InTool, bool IsInspecting)
{
    private static readonly AsyncLocal<AegisAmbient?> Slot = new();
    private static readonly AegisAmbient Nothing = new(null, null, false, false);

    public static AegisAmbient Current
    {
        get => Slot.Value ?? Nothing;
        set => Slot.Value = value;
    }

    /// <summary>Until disposed, guarded clients do not guard: a judge or an approver is at work.</summary>
    public static Restore Inspecting() => Enter(Current with { IsInspecting = true });

    /// <summary>Until disposed, work belongs to this run.</summary>
    public static Restore Enter(AegisRun run) => Enter(Current with { Run = run, InTool = false });

    /// <summary>Until disposed, a tool of this run is at work: agents inside are its sub-agents.</summary>
    public static Restore EnterTool(AegisRun run) => Enter(Current with { Run = run, InTool = true });

    private static Restore Enter(AegisAmbient ambient)
    {
        var before = Slot.Value;
        Slot.Value = ambient;
        return new(before);
    }

    public readonly struct Restore(AegisAmbient? before) : IDisposable
    {
        public void Dispose() => Slot.Value = before;
    }
}
