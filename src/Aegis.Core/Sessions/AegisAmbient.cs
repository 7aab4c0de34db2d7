using Aegis.Tools;

namespace Aegis;

/// <summary>What flows with the async context: the host's scope, the run, whether a tool of it is running, whether an inspection is.</summary>
internal sealed record AegisAmbient(AegisScope? Scope, AegisRun? Run, bool InTool, AegisAmbient.Inspection? At)
{
    private static readonly AsyncLocal<AegisAmbient?> Slot = new();
    private static readonly AegisAmbient Nothing = new(null, null, false, null);

    /// <summary>The tasks that narrow the tools of all that happens here; null: none.</summary>
    public AegisTasks? Tasks { get; init; }

    /// <summary>Whether what is sent to models was made from a template, so that nobody has typed it as it is.</summary>
    public bool IsRendered { get; init; }

    /// <summary>Whether an inspection is at work. Ends with it, also for work that it has left behind.</summary>
    public bool IsInspecting => At is { IsOver: false };

    public static AegisAmbient Current
    {
        get => Slot.Value ?? Nothing;
        set => Slot.Value = value;
    }

    /// <summary>Until disposed, guarded clients do not guard: a judge or an approver is at work.</summary>
    public static Restore Inspecting() => Enter(Current with { At = new() });

    /// <summary>Until disposed, work belongs to this run.</summary>
    public static Restore Enter(AegisRun run, AegisTasks? tasks = null) => Enter(Current with { Run = run, InTool = false, Tasks = AegisTasks.And(Current.Tasks, tasks) });

    /// <summary>Until disposed, a tool of this run is at work: agents inside are its sub-agents.</summary>
    public static Restore EnterTool(AegisRun run, AegisTasks? tasks = null) => Enter(Current with { Run = run, InTool = true, Tasks = AegisTasks.And(Current.Tasks, tasks) });

    /// <summary>Until disposed, work is narrowed to what the task needs.</summary>
    public static Restore Narrow(AegisTask task) => Enter(Current with { Tasks = AegisTasks.And(Current.Tasks, task) });

    /// <summary>Until disposed, a prompt is on its way that a template was made into.</summary>
    public static Restore Render() => Enter(Current with { IsRendered = true });

    private static Restore Enter(AegisAmbient ambient)
    {
        var before = Slot.Value;
        Slot.Value = ambient;
        return new(before);
    }

    public readonly struct Restore(AegisAmbient? before) : IDisposable
    {
        public void Dispose()
        {
            if (Slot.Value is { At: { } at } && !ReferenceEquals(at, before?.At))
            {
                at.IsOver = true;
            }

            Slot.Value = before;
        }
    }

    /// <summary>An inspection at work.</summary>
    public sealed class Inspection
    {
        private volatile bool _isOver;

        public bool IsOver
        {
            get => _isOver;
            set => _isOver = value;
        }
    }
}
