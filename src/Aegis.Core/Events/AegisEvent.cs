using System.Security.Cryptography;
using System.Text;
using Aegis.Tools;

namespace Aegis.Events;

/// <summary>The record of one inspection, of a lock, or of a policy that was reloaded. Carries no user or model text.</summary>
public sealed class AegisEvent
{
    private const int HashDigits = 16;
    private const int LongestName = 64;

    private readonly long _time;
    private readonly int _visibleTools = -1;
    private readonly sbyte _checkpoint = -1;
    private readonly sbyte _lock = -1;
    private readonly string? _tool;
    private readonly bool? _isOnOffer;

    internal AegisEvent(DecisionId id, Subject? subject, SessionId session, Verdict verdict, Decision decision)
    {
        Id = id;
        Session = session;
        Verdict = verdict;
        Decision = decision;
        _checkpoint = (sbyte)(subject is null ? -1 : (int)subject.Checkpoint);
        _tool = NameOf(subject);
        _isOnOffer = IsOnOffer(subject);
        IsStream = subject is OutputWindow;
        IsStep = subject is ModelStep or ModelOutput { Calls: > 0 };
    }

    /// <summary>Identity of the inspection. A <see cref="EventTypes.JudgeEvaluation"/>, a <see cref="EventTypes.SandboxTrigger"/> and a <see cref="EventTypes.SandboxResult"/> have that of the inspection within which somebody was asked; without one, the last two have the same.</summary>
    public DecisionId Id { get; }

    /// <summary>When, in UTC.</summary>
    public DateTimeOffset Time
    {
        get => new(_time, TimeSpan.Zero);
        init => _time = value.UtcTicks;
    }

    /// <summary>Whose conversation.</summary>
    public SessionId Session { get; }

    /// <summary>The run, counted within the process; 0 without one.</summary>
    public long Run { get; init; }

    /// <summary>Where in the loop; null for a lock or a policy.</summary>
    public Checkpoint? Checkpoint => _checkpoint < 0 ? null : (Checkpoint)_checkpoint;

    /// <summary>The tool as the model named it, with control characters and the rest beyond 256 characters left out. A model can name a tool that nobody offers, so that the name may be its text: what is written down has a hash then.</summary>
    public string? Tool => _tool is null ? null : Printable(_tool);

    /// <summary>The tool as it may be written down: a name on offer, or a hash of what a model has made up; of a result or a description what looks like a name.</summary>
    internal string? ShownTool => Tool is { } tool ? Shown(tool, _isOnOffer) : null;

    /// <summary>Why.</summary>
    public Verdict Verdict { get; }

    /// <summary>What was enforced.</summary>
    public Decision Decision { get; }

    /// <summary>How long the inspection took, people included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Steps that the run had taken.</summary>
    public int Steps { get; init; }

    /// <summary>How many tools the model may see; null where no model step is judged.</summary>
    public int? VisibleTools
    {
        get => _visibleTools < 0 ? null : _visibleTools;
        init => _visibleTools = value ?? -1;
    }

    /// <summary>Name of the policy.</summary>
    public string Policy
    {
        get => Version?.Name ?? "";
        init => Version = new(value, "");
    }

    /// <summary>Hash over everything that the policy says: 16 hexadecimal digits. One inspection is decided by one version.</summary>
    public string PolicyHash => Version?.Hash ?? "";

    internal PolicyVersion? Version { get; init; }

    /// <summary>What happened to the session's lock; null for an inspection.</summary>
    public SessionLockKind? Lock
    {
        get => _lock < 0 ? null : (SessionLockKind)_lock;
        init => _lock = (sbyte)(value is null ? -1 : (int)value);
    }

    /// <summary>When the lock ends by itself; null where it is not about a lock, or one that holds until it is released.</summary>
    public DateTimeOffset? LockedUntil => Change?.Until;

    /// <summary>Who locked or released, as the host has said it (<see cref="AegisSessions.By"/>); null: the policy did, or nobody has said.</summary>
    public string? By => Change?.By;

    /// <summary>Why, as the host has said it.</summary>
    public string? Reason => Change?.Reason;

    internal LockChange? Change { get; init; }

    /// <summary>What models have cost since the run's event before, judges and the sandbox included, in the currency of the policy's prices; 0 without prices.</summary>
    public decimal Cost => CostMicros / 1_000_000m;

    /// <summary>The same in millionths.</summary>
    internal long CostMicros { get; init; }

    /// <summary>Name of the kind of event: see <see cref="EventTypes"/>.</summary>
    public string Type => EventTypes.Of(this);

    /// <summary>Its kind, where it is about somebody who was asked within an inspection; null: it is about the inspection.</summary>
    internal string? Named { get; init; }

    /// <summary>Whether the audit log has it already.</summary>
    internal bool IsAudited { get; init; }

    /// <summary>Whether a user has attacked, as a strike of the session counts it.</summary>
    internal bool IsStrike { get; init; }

    internal bool IsStream { get; }

    internal bool IsStep { get; }

    /// <summary>The tool that a subject is about, as it may be written down; null: it is about none.</summary>
    internal static string? ShownToolOf(Subject subject) => NameOf(subject) is { } name ? Shown(Printable(name), IsOnOffer(subject)) : null;

    /// <summary>Whether the name of the tool that a subject is about may be written down as it is.</summary>
    internal static bool ShowsTool(Subject subject) => NameOf(subject) is { } name && (IsOnOffer(subject) ?? IsName(Printable(name)));

    private static string? NameOf(Subject? subject) => subject switch
    {
        ToolCall call => call.Tool,
        ToolResult result => result.Tool,
        ToolDefinition definition => definition.Tool,
        _ => null,
    };

    /// <summary>Whether a name is one of the tools on offer; null: it is not a model's to choose.</summary>
    private static bool? IsOnOffer(Subject? subject) => subject switch
    {
        ToolCall call => call.Tools?.Find(call.Tool) is not null,
        ToolResult { IsMadeUp: true } => false,
        _ => null,
    };

    private static string Shown(string tool, bool? isOnOffer) => isOnOffer ?? IsName(tool) ? tool : $"unknown:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tool)))[..HashDigits]}";

    private static bool IsName(string tool) => tool.Length <= LongestName && tool.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':' or '/');

    private static string Printable(string name) =>
        name.Length <= ToolName.MaxLength && !name.Any(char.IsControl) ? name : new([.. name.Where(static c => !char.IsControl(c)).Take(ToolName.MaxLength)]);
}
