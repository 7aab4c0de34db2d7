using Aegis.Flow;
using Aegis.Flow.Placeholders;

namespace Aegis;

/// <summary>What a guard may know besides the subject.</summary>
public readonly struct GuardContext
{
    internal GuardContext(SessionId session, SessionState state, RunState? run, DateTimeOffset now, DecisionId decisionId, FlowMemory? flow = null, SessionLabels labels = SessionLabels.None)
    {
        Session = session;
        State = state;
        Run = run;
        Now = now;
        DecisionId = decisionId;
        Flow = flow;
        Labels = state.Labels | labels;
    }

    /// <summary>Whose conversation it is.</summary>
    public SessionId Session { get; }

    /// <summary>What is remembered of it, as it was when the inspection began.</summary>
    public SessionState State { get; }

    /// <summary>The time.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Identity of the inspection.</summary>
    public DecisionId DecisionId { get; }

    /// <summary>Steps that the run has taken.</summary>
    public int Steps => Run?.Steps ?? 0;

    /// <summary>The values of the session that stand behind placeholders; null: none does.</summary>
    internal SessionPlaceholders? Placeholders { get; init; }

    /// <summary>What the pins say against the tool of a call.</summary>
    internal Finding? Integrity { get; init; }

    /// <summary>What is remembered of the run; null before its first commit.</summary>
    internal RunState? Run { get; }

    /// <summary>What entered the session; only for tool calls, and for texts that the scanner joins with those before.</summary>
    internal FlowMemory? Flow { get; }

    /// <summary>What the session has taken in, or is taking in by calls of the same step.</summary>
    internal SessionLabels Labels { get; }
}
