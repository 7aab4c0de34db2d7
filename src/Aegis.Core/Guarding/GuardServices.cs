using Aegis.Answers;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Flow;
using Aegis.Flow.Placeholders;
using Aegis.Judging;
using Aegis.Media;
using Aegis.Replaying;
using Aegis.Sandboxing;
using Aegis.Tools;

namespace Aegis.Guarding;

/// <summary>What the pipeline works with besides the policy.</summary>
internal sealed class GuardServices
{
    private readonly DateTimeOffset _start;
    private readonly long _startTimestamp;
    private readonly ISharedClock? _shared;
    private readonly LocalSessions? _local;

    public GuardServices(TimeProvider time)
    {
        Time = time;
        _start = time.GetUtcNow();
        _startTimestamp = time.GetTimestamp();
    }

    public TimeProvider Time { get; }

    /// <summary>Monotonic: a wall clock that jumps grants nothing. That of the store, where all instances share one.</summary>
    public DateTimeOffset Now => _shared?.Now ?? Own(Time.GetTimestamp());

    /// <summary>The time at a timestamp that was read already.</summary>
    public DateTimeOffset At(long timestamp) => _shared is null ? Own(timestamp) : _shared.Now - Time.GetElapsedTime(timestamp);

    public required ISessionStore Store
    {
        get;
        init
        {
            field = value;
            _shared = value as ISharedClock;
            _local = LocalSessions.Of(value);
        }
    }

    /// <summary>What entered the sessions.</summary>
    public FlowStore Flow { get; } = new();

    /// <summary>What entered the sessions that other instances know as well; null: none does.</summary>
    public SharedMemories? Shared { get; init; }

    /// <summary>The instructions of models, ready to be looked for.</summary>
    public InstructionTexts Instructions { get; } = new();

    /// <summary>What users typed and models do not read.</summary>
    public PlaceholderStore Placeholders { get; } = new();

    public required EventHub Events { get; init; }

    /// <summary>Who did not answer, and what went on without an answer.</summary>
    public required FailureLog Failures { get; init; }

    /// <summary>What an inspection is recorded in before its subject goes on. Hears of everything else through <see cref="Events"/>.</summary>
    public required AuditLog Audit { get; init; }

    /// <summary>Who gives a second opinion; null: nobody.</summary>
    public JudgeDesk? Judge { get; init; }

    /// <summary>Who takes data out of texts; null: nobody.</summary>
    public IExtractor? Extractor { get; init; }

    public ExtractionSettings Extraction { get; init; } = ExtractionSettings.Default;

    /// <summary>What was let out of quarantine, by session.</summary>
    public Generations<SessionId, ReleaseCount> Releases { get; } = new(10_000);

    /// <summary>Which Aegis judges, and with which rules.</summary>
    public Lazy<string> Rules { get; init; } = new(static () => RuleFingerprint.Of([]));

    public required ToolPinning Pins { get; init; }

    public IApprover? Approver { get; init; }

    /// <summary>Reads media; null: nobody can.</summary>
    public ITextExtractor? TextExtractor { get; init; }

    public bool UsesApprovalContent { get; init; }

    /// <summary>Whether an answer that comes as approval content may change the arguments.</summary>
    public bool EditsApprovalContent { get; init; }

    /// <summary>Adds what only the app knows of a tool.</summary>
    public Func<ToolInfo, ToolInfo>? Describe { get; init; }

    /// <summary>Whether spans hold the texts that go on.</summary>
    public bool CapturesContent { get; init; }

    public required TimeSpan ApprovalTimeout { get; init; }

    public required TimeSpan GuardTimeout { get; init; }

    public required TimeSpan StoreTimeout { get; init; }

    /// <summary>The sessions of a store in which this process has gone on without it.</summary>
    public LocalSessions LocalOf(ISessionStore store) => ReferenceEquals(store, Store) ? _local! : LocalSessions.Of(store);

    private DateTimeOffset Own(long timestamp) => _start + Time.GetElapsedTime(_startTimestamp, timestamp);
}
