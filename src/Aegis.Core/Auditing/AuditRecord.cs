using System.Diagnostics;

namespace Aegis.Auditing;

/// <summary>
/// What the audit log keeps of one event. Immutable. Carries no text of users or models that can be read (<see cref="Replay"/> may hold it sealed): ids, names and numbers, in which characters that control terminals or
/// the direction of writing are replaced by U+FFFD.
/// </summary>
public sealed record AuditRecord
{
    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The kind of event: see <see cref="Events.EventTypes"/> and <see cref="AuditTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>What was enforced; null where nothing was decided.</summary>
    public Decision? Decision { get; init; }

    /// <summary>What the policy said: more than <see cref="Decision"/> in monitor mode, or when a person said yes.</summary>
    public Decision? Verdict { get; init; }

    /// <summary>Ids of the rules, each once.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>OWASP LLM and Agentic ids.</summary>
    public IReadOnlyList<string> Owasp { get; init; } = [];

    /// <summary>MITRE ATLAS ids.</summary>
    public IReadOnlyList<string> Atlas { get; init; } = [];

    /// <summary>Details of the findings; none under <see cref="Policies.AuditPolicy.RedactContent"/>.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>Identity of the inspection: the same as in the app's refusal. The last record with an id counts.</summary>
    public string? DecisionId { get; init; }

    /// <summary>The conversation.</summary>
    public string? Session { get; init; }

    /// <summary>The signed-in user.</summary>
    public string? Principal { get; init; }

    /// <summary>The user's tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>The run, counted within the process; 0 without one.</summary>
    public long Run { get; init; }

    /// <summary>The request: the id of the surrounding trace, 32 hexadecimal digits.</summary>
    public string? Request { get; init; }

    /// <summary>Where in the loop.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>The tool. One that nobody offers is <c>unknown:</c> and 16 digits of a hash under <see cref="Policies.AuditPolicy.RedactContent"/>.</summary>
    public string? Tool { get; init; }

    /// <summary>Name of the policy.</summary>
    public string? Policy { get; init; }

    /// <summary>Hash over everything that the policy says.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>How long the inspection took, people included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What happened to the session's lock.</summary>
    public SessionLockKind? Lock { get; init; }

    /// <summary>When the lock ends by itself.</summary>
    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>Who locked or released, as the host has said it.</summary>
    public string? By { get; init; }

    /// <summary>Why, as the host has said it.</summary>
    public string? Reason { get; init; }

    /// <summary>The instance of the app.</summary>
    public required string Instance { get; init; }

    /// <summary>Where the instance is.</summary>
    public string? Region { get; init; }

    /// <summary>How many records a <see cref="AuditTypes.Gap"/>, a <see cref="AuditTypes.Spill"/> or a <see cref="AuditTypes.Checkpoint"/> is about, or bytes of a <see cref="AuditTypes.Recovery"/>.</summary>
    public long Count { get; init; }

    /// <summary>What <c>aegis audit replay</c> needs, as <see cref="Policies.AuditPolicy.Content"/> says: sealed, or with hashes in place of texts, or why this record cannot be replayed; null: nothing is kept.</summary>
    public string? Replay { get; init; }

    /// <summary>Of a <see cref="AuditTypes.Checkpoint"/> outside of its file: the line as it stands there, for <c>aegis audit verify --checkpoints</c>.</summary>
    public string? Line { get; init; }

    /// <summary>The span that the inspection was in; default: none.</summary>
    internal ActivityContext Trace { get; init; }

    /// <summary>One JSON object on one line, in ASCII.</summary>
    /// <returns>The line, without its end.</returns>
    public string ToJson() => Line ?? AuditJson.TextOf(this);

    /// <inheritdoc cref="ToJson"/>
    public override string ToString() => ToJson();
}
