namespace Aegis.Policies;

/// <summary>The audit log: what is recorded, where, and what happens when it cannot be. Records carry no text of users or models that can be read; with <see cref="AuditContentMode.Encrypted"/> they carry it sealed, to every transport.</summary>
public sealed record AuditPolicy
{
    /// <summary>Which events are recorded.</summary>
    /// <value><see cref="AuditLevel.All"/>.</value>
    public AuditLevel Level { get; init; } = AuditLevel.All;

    /// <summary>Whether a name of a tool that nobody offers, which a model has made up, is recorded as a hash, and the details of findings, which can repeat such a name, are left out.</summary>
    /// <value><see langword="true"/>.</value>
    public bool RedactContent { get; init; } = true;

    /// <summary>What records keep of inspections for <c>aegis audit replay</c>. Texts of users and models only where it is <see cref="AuditContentMode.Encrypted"/>, and sealed.</summary>
    /// <value><see cref="AuditContentMode.None"/>.</value>
    public AuditContentMode Content { get; init; }

    /// <summary>The key that content is sealed or hashed with, another one than that of the chain: <c>${env:NAME}</c>, <c>${config:PATH}</c>, or in code the secret itself; 32 bytes of UTF-8 at least.</summary>
    /// <value><see langword="null"/>: there is none, which <see cref="Content"/> other than <see cref="AuditContentMode.None"/> refuses.</value>
    public string? ContentKey { get; init; }

    /// <summary>Where records go: <c>json-file</c>, <c>console</c> (standard output), <c>logger</c>, <c>otel</c> (with the package <c>Aegis.AI.OpenTelemetry</c>), or the names of <see cref="AegisBuilder.AddAuditTransport"/>. At least one.</summary>
    /// <value><c>json-file</c>.</value>
    public IReadOnlyList<string> Transports { get; init; } = [JsonFile];

    /// <summary>The file of <c>json-file</c>, relative to the working directory; its folder is made. One guard of one process writes it, and opens it when it starts, in the background: what is wrong with it is seen in <see cref="AegisGuard.Health"/> before the first record.</summary>
    /// <value><c>logs/aegis.jsonl</c>.</value>
    public string Path { get; init; } = "logs/aegis.jsonl";

    /// <summary>Whether what cannot be recorded does not pass, of what <see cref="Level"/> records: an inspection waits until its record is written to <c>json-file</c>, or without that to every transport of the app's own, and blocks with <c>audit/unavailable</c> otherwise.</summary>
    /// <value><see langword="false"/>: a log that fails stops nothing, and is seen in <see cref="AegisGuard.Health"/>.</value>
    public bool Required { get; init; }

    /// <summary>How long an inspection waits for its record, 1 second or more.</summary>
    /// <value>5 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The key of the chain: <c>${env:NAME}</c>, <c>${config:PATH}</c>, or in code the secret itself; 32 bytes of UTF-8 at least. Its id is <c>default</c>. Not together with <see cref="Keys"/>.</summary>
    /// <value><see langword="null"/>: without any key the chain shows accidents, and no forgery.</value>
    public string? Key { get; init; }

    /// <summary>Keys with ids. The first that has not expired signs, and what was signed in time stays so; when all have expired nothing is written. The log goes on under a new one where the old one stood.</summary>
    /// <value>None.</value>
    public IReadOnlyList<IntegrityKeyPolicy> Keys { get; init; } = [];

    /// <summary>When a new file begins.</summary>
    public AuditRotationPolicy Rotation { get; init; } = new();

    /// <summary>When the file is forced onto the disk.</summary>
    /// <value><see cref="AuditSync.Checkpoint"/>.</value>
    public AuditSync Fsync { get; init; } = AuditSync.Checkpoint;

    /// <summary>What happens when the log cannot keep up, or cannot write.</summary>
    /// <value><see cref="AuditBackPressure.Block"/>.</value>
    public AuditBackPressure BackPressure { get; init; }

    /// <summary>The file of <see cref="AuditBackPressure.Spill"/>, best on another disk.</summary>
    /// <value><see langword="null"/>: <see cref="Path"/> with <c>.spill</c> before its extension.</value>
    public string? SpillTo { get; init; }

    /// <summary>Records between two checkpoints, at most; 1 to 1,000,000.</summary>
    /// <value>1,000.</value>
    public int CheckpointRecords { get; init; } = 1_000;

    /// <summary>Time between a record and the checkpoint behind it, at most.</summary>
    /// <value>1 minute.</value>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where copies of checkpoints go, so that it shows when the log has lost its end: the name of a transport, or a path (with a <c>/</c> or a <c>.</c>), best where whoever writes the log cannot write.</summary>
    /// <value><see langword="null"/>: nowhere.</value>
    public string? CheckpointTo { get; init; }

    /// <summary>The transport that writes a file.</summary>
    internal const string JsonFile = "json-file";

    /// <summary>The transport that writes to standard output.</summary>
    internal const string Console = "console";

    /// <summary>The transport that writes to the app's log.</summary>
    internal const string Logger = "logger";

    /// <summary>The transport that sends log records of OpenTelemetry, which comes with a package.</summary>
    internal const string Otel = "otel";

    /// <summary>The id of <see cref="Key"/>.</summary>
    internal const string DefaultKey = "default";

    /// <summary>Whether checkpoints go to a file.</summary>
    internal bool HasCheckpointFile => CheckpointTo is { } to && to.AsSpan().ContainsAny("/\\.");

    /// <summary>All keys, whichever member says them.</summary>
    internal IReadOnlyList<IntegrityKeyPolicy> AllKeys => Key is { } only ? [new(DefaultKey, only)] : Keys;

    /// <summary>Where records go that the log cannot take.</summary>
    internal string SpillPath => SpillTo ?? System.IO.Path.ChangeExtension(Path, $".spill{System.IO.Path.GetExtension(Path)}");

    /// <summary>Whether two logs are the same: records compare lists by reference.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>Whether they say the same.</returns>
    public bool Equals(AuditPolicy? other) => other is not null && Level == other.Level && RedactContent == other.RedactContent && Content == other.Content && string.Equals(ContentKey, other.ContentKey, StringComparison.Ordinal) && Transports.SequenceEqual(other.Transports, StringComparer.Ordinal)
        && string.Equals(Path, other.Path, StringComparison.Ordinal) && Required == other.Required && Timeout == other.Timeout && string.Equals(Key, other.Key, StringComparison.Ordinal) && Keys.SequenceEqual(other.Keys)
        && Rotation == other.Rotation && Fsync == other.Fsync && BackPressure == other.BackPressure && string.Equals(SpillTo, other.SpillTo, StringComparison.Ordinal)
        && CheckpointRecords == other.CheckpointRecords && CheckpointInterval == other.CheckpointInterval && string.Equals(CheckpointTo, other.CheckpointTo, StringComparison.Ordinal);

    /// <summary>The path, never a key.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => Path;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Level, Path, Required, Fsync, BackPressure, CheckpointTo);
}
