using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Logging;

namespace Aegis.Auditing;

/// <summary>The audit log of a guard: which events are recorded, and on which ways. What fails in it stays in it, unless the policy requires the log. Thread-safe.</summary>
/// <param name="transports">The app's own, by name.</param>
/// <param name="records">Makes the records.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of failures.</param>
/// <param name="log">Takes the records of the transport <c>logger</c>.</param>
internal sealed class AuditLog(IReadOnlyDictionary<string, IAuditTransport> transports, AuditRecords records, TimeProvider time, ILogger logger, ILogger log) : IEventSink
{
    public const string Unavailable = "audit/unavailable";
    private const string TooMuchWaits = "as much waits to be written as may wait";

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _applying = new();
    private Ways? _ways;
    private Task _filesEnded = Task.CompletedTask;
    private Task _ended = Task.CompletedTask;
    private bool _isOver;
    private AuditHealth _past = new(0, 0, 0, 0, null);   // of ways that have ended
    private volatile bool _isBlocking;   // the last record that was waited for was not written
    private AuditPolicy? _refusing;   // it is over, and was required

    public bool IsOn => Volatile.Read(ref _ways) is not null || Volatile.Read(ref _refusing) is not null;

    /// <summary>How it is; null: there is none.</summary>
    public AuditHealth? Health
    {
        get
        {
            if (Volatile.Read(ref _ways) is not { } ways)
            {
                return null;
            }

            var past = Volatile.Read(ref _past);
            var sum = new AuditHealth(past.Written, past.Dropped, past.Spilled, past.Failures, ways.Copies?.Failing is { } copies ? $"checkpoints: {copies}" : null);
            foreach (var lane in ways.All)
            {
                var part = lane.Health;
                sum = new(sum.Written + part.Written, sum.Dropped + part.Dropped, sum.Spilled + part.Spilled, sum.Failures + part.Failures, part.Failing ?? sum.Failing)
                {
                    Waiting = sum.Waiting + part.Waiting,
                    IsBlocking = sum.IsBlocking || (ways.Audit.Policy.Required && ways.Requires(lane) && ((_isBlocking && part.IsDegraded) || lane.IsShut)),
                };
            }

            return sum;
        }
    }

    /// <summary>Whether there is a transport of this name.</summary>
    public bool Knows(string name) => name is AuditPolicy.JsonFile or AuditPolicy.Console or AuditPolicy.Logger || transports.ContainsKey(name);

    /// <summary>All names of transports.</summary>
    public IEnumerable<string> Names => [AuditPolicy.JsonFile, AuditPolicy.Console, AuditPolicy.Logger, .. transports.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Takes up what a policy says; null: nothing is recorded from now on.</summary>
    /// <param name="audit">What it says.</param>
    /// <param name="why">What a log that ends with it records last.</param>
    public void Apply(CompiledAudit? audit, AegisEvent? why = null)
    {
        lock (_applying)
        {
            var old = _ways;
            if (audit is null && old is null)
            {
                return;
            }

            if (audit is not null && old is not null && audit.WritesLike(old.Audit))
            {
                Volatile.Write(ref _ways, old.With(audit));
                return;
            }

            if (why is not null && old is not null && audit?.GoesOn(old.Audit) != true)
            {
                Array.ForEach([.. old.Lanes], lane => lane.Take(records.Of(why, old.Audit.Policy.RedactContent)));
            }

            var (filesEnded, ended) = (_filesEnded, _ended);
            var (filesOver, over) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            (_filesEnded, _ended) = (filesOver.Task, over.Task);
            var ways = audit is null || _isOver ? null : Begin(audit, filesOver.Task, over.Task);
            Array.ForEach([.. ways?.Lanes ?? []], static lane => lane.Open());   // before anybody has a record for them
            Volatile.Write(ref _ways, ways);
            _ = EndAsync(old, filesEnded, ended, filesOver, over);   // the new file is opened when the old one is closed: it may be the same
        }
    }

    /// <summary>An event that nobody waits for.</summary>
    public void Write(AegisEvent e) => Write(e, null);

    /// <summary>The same with what is kept for a replay.</summary>
    public void Write(AegisEvent e, IAuditContent? content)
    {
        if (e.IsAudited || Volatile.Read(ref _ways) is not { } ways || !AuditSelection.Selects(ways.Audit.Policy.Level, e))
        {
            return;
        }

        AuditRecord record;
        try
        {
            record = records.Of(e, ways.Audit.Policy.RedactContent);
            record = content is null ? record : record with { Replay = KeptOf(content, ways, out _) };
        }
        catch (Exception)
        {
            Array.ForEach([.. ways.Lanes], static lane => lane.Miss());
            return;
        }

        foreach (var lane in ways.Lanes)
        {
            var bounded = BoundedFor(lane, record, content);
            if (!lane.Take(bounded))
            {
                Behind(lane).Take(bounded);
            }
        }
    }

    /// <summary>Records an inspection before its subject goes on; why it may not, where the policy requires the log.</summary>
    /// <param name="e">What is recorded.</param>
    /// <param name="content">What is kept for a replay; null: nothing.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask<Finding?> RecordAsync(AegisEvent e, IAuditContent? content, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _ways) is not { } ways)
        {
            return RefusalOf(e);
        }

        if (!AuditSelection.Selects(ways.Audit.Policy.Level, e))
        {
            return null;
        }

        try
        {
            var record = records.Of(e, ways.Audit.Policy.RedactContent);
            if (content is not null)
            {
                record = record with { Replay = KeptOf(content, ways, out var failure) };
                if (failure is not null && ways.Audit.Policy.Required)
                {
                    return NotKept(failure);
                }
            }

            var refused = await RecordAsync(ways, record, content, cancellationToken);
            if (refused is not null && Volatile.Read(ref _ways) is var now && now != ways)
            {
                return now is null ? RefusalOf(e) : await RecordAsync(now, record, content, cancellationToken);   // the policy was reloaded meanwhile
            }

            return refused;
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException)
        {
            if (ways.Audit.Policy.Required)
            {
                return Finding.Failed(Unavailable, $"the audit log is required, and has failed: {thrown.GetType().Name}");
            }

            Array.ForEach([.. ways.Lanes], static lane => lane.Miss());
            return null;
        }
    }

    /// <summary>The way that has taken the place of one that ends, because the policy was reloaded meanwhile; itself: none has.</summary>
    private AuditLane Behind(AuditLane lane) => Volatile.Read(ref _ways)?.Lanes.FirstOrDefault(other => string.Equals(other.Name, lane.Name, StringComparison.Ordinal)) ?? lane;

    /// <summary>Why something may not go on when the log is over.</summary>
    private Finding? RefusalOf(AegisEvent e) => Volatile.Read(ref _refusing) is { } policy && AuditSelection.Selects(policy.Level, e)
        ? Finding.Failed(Unavailable, "the audit log is required, and has ended with its guard")
        : null;

    /// <summary>A record as a way takes it: where too much content waits there, it says so in its place, and others keep theirs.</summary>
    private static AuditRecord BoundedFor(AuditLane lane, AuditRecord record, IAuditContent? content) =>
        content is null || lane.HasRoomForContent ? record : record with { Replay = content.Missing(TooMuchWaits) };

    private static Finding NotKept(string why) => Finding.Failed(Unavailable, $"the audit log is required, and the content of the record cannot be kept: {why}");

    /// <summary>The content of a record; why it has none.</summary>
    private static string? KeptOf(IAuditContent content, Ways ways, out string? failure)
    {
        try
        {
            failure = ways.Lanes.Any(static lane => lane.HasRoomForContent) ? null : TooMuchWaits;
            return failure is null ? content.Seal() : content.Missing(failure);
        }
        catch (Exception e)   // nothing that an inspection depends on, unless the policy says so
        {
            failure = $"it could not be sealed: {(e.InnerException ?? e).GetType().Name}";
            return content.Missing(failure);
        }
    }

    /// <summary>When everything recorded so far is written or lost.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in Volatile.Read(ref _ways)?.All ?? [])
        {
            await lane.FlushAsync(cancellationToken);
        }

        if (Volatile.Read(ref _ways)?.Copies is { } copies)
        {
            await copies.Written.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Nothing is recorded any more; completes when what was is written, or after five seconds for the file and as long for the others.</summary>
    public Task EndAsync()
    {
        lock (_applying)
        {
            _isOver = true;
            _refusing ??= _ways is { Audit.Policy: { Required: true } policy } ? policy : null;
            Apply(null);
            return _ended;
        }
    }

    private async ValueTask<Finding?> RecordAsync(Ways ways, AuditRecord record, IAuditContent? content, CancellationToken cancellationToken)
    {
        var policy = ways.Audit.Policy;
        var began = time.GetTimestamp();
        foreach (var lane in ways.Lanes)
        {
            var isRequired = policy.Required && ways.Requires(lane);
            if (isRequired && content is not null && !lane.HasRoomForContent)
            {
                _isBlocking = true;
                return NotKept(TooMuchWaits);
            }

            AuditEntry? entry;
            try
            {
                entry = await lane.TakeAsync(BoundedFor(lane, record, content), isRequired, policy.Timeout, cancellationToken);
            }
            catch (Exception e) when (!isRequired && e is not OperationCanceledException)
            {
                lane.Miss();
                continue;
            }

            if (!isRequired)
            {
                if (entry is null && lane.IsEnding)
                {
                    Behind(lane).Take(record);
                }

                continue;
            }

            if (entry is null || !await IsWrittenAsync(lane, entry, policy.Timeout - time.GetElapsedTime(began), cancellationToken))
            {
                _isBlocking = true;
                return Finding.Failed(Unavailable, $"the audit log is required, and {lane.Name} does not take the record: see the guard's health");
            }
        }

        if (policy.Required && _isBlocking)
        {
            _isBlocking = false;
        }

        return null;
    }

    private async ValueTask<bool> IsWrittenAsync(AuditLane lane, AuditEntry entry, TimeSpan left, CancellationToken cancellationToken)
    {
        try
        {
            return await entry.Written.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            entry.GiveUp();
            lane.Late();
            return false;
        }
        catch (OperationCanceledException)
        {
            entry.GiveUp();   // whoever cancels says it once more, without waiting
            throw;
        }
    }

    private Ways Begin(CompiledAudit audit, Task filesAfter, Task after)
    {
        var policy = audit.Policy;
        var named = new Dictionary<string, AuditLane>(StringComparer.Ordinal);
        var copies = policy.HasCheckpointFile ? new CheckpointCopies(policy.CheckpointTo!, policy.Fsync) : null;
        foreach (var name in policy.CheckpointTo is { } to && copies is null ? policy.Transports.Append(to).Distinct(StringComparer.Ordinal) : policy.Transports)
        {
            if (name != AuditPolicy.JsonFile)
            {
                IAuditTransport transport = name switch
                {
                    AuditPolicy.Console => new ConsoleTransport(),
                    AuditPolicy.Logger => new LoggerTransport(log),
                    _ => transports[name],
                };
                named[name] = new(name, transport, records, time, logger, policy.BackPressure == AuditBackPressure.DropOldest ? AuditBackPressure.DropOldest : AuditBackPressure.Block, after);
            }
        }

        if (policy.Transports.Contains(AuditPolicy.JsonFile, StringComparer.Ordinal))
        {
            var spill = policy.BackPressure == AuditBackPressure.Spill ? new AuditLane("spill", new AuditFile(new(policy.SpillPath, audit.Keys, policy), records, time), records, time, logger, AuditBackPressure.DropOldest, filesAfter) : null;
            var other = copies is null && policy.CheckpointTo is { } second ? named[second] : null;
            var file = new AuditFile(new(policy.Path, audit.Keys, policy), records, time, copies is not null ? copies.Add : other is null ? null : line => other.Take(records.Of(AuditTypes.Checkpoint, time.GetUtcNow(), 0) with { Line = line.TrimEnd('\n') }));
            named[AuditPolicy.JsonFile] = new(AuditPolicy.JsonFile, file, records, time, logger, policy.BackPressure, filesAfter, spill);
        }

        return new(audit, [.. policy.Transports.Select(name => named[name])], [.. named.Values], copies);
    }

    private async Task EndAsync(Ways? old, Task filesBefore, Task before, TaskCompletionSource filesOver, TaskCompletionSource over)
    {
        await filesBefore;
        try
        {
            await Task.WhenAll((old?.All ?? []).Where(static lane => lane.IsFile).Select(static lane => lane.EndAsync(EndTimeout)));
            filesOver.SetResult();
            await before;
            await Task.WhenAll([.. (old?.All ?? []).Where(static lane => !lane.IsFile).Select(static lane => lane.EndAsync(EndTimeout)), old?.Copies?.Written.WaitAsync(EndTimeout, TimeProvider.System) ?? Task.CompletedTask]);   // which hear of the last checkpoint
        }
        catch (Exception)
        {
            // What could not be ended is left behind: it holds the lock until it returns.
        }
        finally
        {
            lock (_applying)
            {
                foreach (var lane in old?.All ?? [])
                {
                    var part = lane.Health;
                    _past = new(_past.Written + part.Written, _past.Dropped + part.Dropped, _past.Spilled + part.Spilled, _past.Failures + part.Failures, null);
                }
            }

            filesOver.TrySetResult();
            over.SetResult();
        }
    }

    /// <summary>What a policy says, and the ways that it has.</summary>
    private sealed class Ways(CompiledAudit audit, IReadOnlyList<AuditLane> lanes, IReadOnlyList<AuditLane> all, CheckpointCopies? copies)
    {
        private readonly bool _hasFile = lanes.Any(static lane => lane.IsFile);

        public CompiledAudit Audit => audit;

        /// <summary>The ways of records.</summary>
        public IReadOnlyList<AuditLane> Lanes => lanes;

        /// <summary>Those, and that of checkpoints.</summary>
        public IReadOnlyList<AuditLane> All => all;

        public CheckpointCopies? Copies => copies;

        /// <summary>Whether an inspection waits for this one: for the file, or without one for all that keep records.</summary>
        public bool Requires(AuditLane lane) => _hasFile ? lane.IsFile : lane.Keeps;

        public Ways With(CompiledAudit other) => new(other, lanes, all, copies);
    }
}
