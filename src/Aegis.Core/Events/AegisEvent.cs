namespace Aegis.Events;

/// <summary>The record of one inspection, or of a lock. Carries no user or model text.</summary>
public sealed class AegisEvent
{
    internal AegisEvent(DecisionId id, Subject? subject, SessionId session, Verdict verdict, Decision decision)
    {
        Id = id;
        Session = session;
        Verdict = verdict;
        Decision = decision;
        Checkpoint = subject?.Checkpoint;
        Tool = subject switch
        {
            ToolCall call => call.Tool,
            ToolResult result => result.Tool,
            ToolDefinition definition => definition.Tool,
            _ => null,
        };
        IsStream = subject is OutputWindow;
        IsStep = subject is ModelStep or ModelOutput { Calls: > 0 };
    }

    /// <summary>Identity of the inspection.</summary>
    public DecisionId Id { get; }

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Whose conversation.</summary>
    public SessionId Session { get; }

    /// <summary>The run, counted within the process; 0 without one.</summary>
    public long Run { get; init; }

    /// <summary>Where in the loop; null for a lock.</summary>
    public Checkpoint? Checkpoint { get; }

    /// <summary>The tool as the model named it, with control characters and the rest beyond 256 characters left out.</summary>
    public string? Tool { get => field is null ? null : Printable(field); }

    /// <summary>Why.</summary>
    public Verdict Verdict { get; }

    /// <summary>What was enforced.</summary>
    public Decision Decision { get; }

    /// <summary>How long the inspection took, people included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Steps that the run had taken.</summary>
    public int Steps { get; init; }

    /// <summary>How many tools the model may see; null where no model step is judged.</summary>
    public int? VisibleTools { get; init; }

    /// <summary>Name of the policy.</summary>
    public string Policy { get; init; } = "";

    /// <summary>What happened to the session's lock; null for an inspection.</summary>
    public SessionLockKind? Lock { get; init; }

    /// <summary>Name of the kind of event: see <see cref="EventTypes"/>.</summary>
    public string Type => EventTypes.Of(this);

    internal bool IsStream { get; }

    internal bool IsStep { get; }

    private static string Printable(string name)
    {
        if (name.Length <= SessionId.MaxLength / 2 && !name.Any(char.IsControl))
        {
            return name;
        }

        return new([.. name.Where(static c => !char.IsControl(c)).Take(SessionId.MaxLength / 2)]);
    }
}
