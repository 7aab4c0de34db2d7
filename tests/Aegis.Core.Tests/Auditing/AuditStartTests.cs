using Aegis.Auditing;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Auditing;

/// <summary>The log is opened when its guard starts: what is wrong with it shows before anybody comes.</summary>
public sealed class AuditStartTests : IDisposable
{
    private static readonly SessionId Session = new("s");

    private readonly FakeTimeProvider _time = new();
    private readonly LogFolder _log = new();

    private string NoFolder => Path.Combine(_log.Folder, "a-file");

    public void Dispose() => _log.Dispose();

    [Theory, InlineData(true, HealthStatus.Unhealthy), InlineData(false, HealthStatus.Degraded)]
    public async Task ALogThatCannotBeOpenedIsSeenBeforeAnybodyComes(bool required, HealthStatus status)
    {
        await File.WriteAllTextAsync(NoFolder, "", Given.Cancel);
        await using var guard = Guard(new() { Path = Path.Combine(NoFolder, "x.jsonl"), Required = required });
        await UntilAsync(() => guard.Health.IsDegraded);
        Assert.Equal((required, 0L), (guard.Health.Audit!.IsBlocking, guard.Health.Audit.Dropped));
        Assert.Equal(status, (await new AegisHealthCheck(guard).CheckHealthAsync(new(), Given.Cancel)).Status);
    }

    [Fact]
    public async Task ALogThatSomebodyElseWritesIsTakenUpOnceHeIsGone()
    {
        var other = _log.Open(time: _time);
        other.Write("a");
        await using var guard = Guard(new() { Path = _log.Path, Key = LogFolder.Secret, Required = true });
        await UntilAsync(() => guard.Health.Audit!.IsBlocking);
        Assert.Contains("another process or guard", guard.Health.Audit!.Failing, StringComparison.Ordinal);
        other.Dispose();
        await UntilAsync(() => !guard.Health.IsDegraded, TimeSpan.FromSeconds(1));
        Assert.False(guard.Health.Audit.IsBlocking);
        Assert.Equal([AuditTypes.File, "scan_pass", AuditTypes.Recovery, AuditTypes.Checkpoint], _log.Types());   // under another key
    }

    [Fact]
    public async Task ALogThatNobodyHasWrittenToIsWholeAndGoesOn()
    {
        for (var start = 1; start <= 3; start++)
        {
            await using (var guard = Guard(new() { Path = _log.Path }))
            {
                await guard.FlushAuditAsync(Given.Cancel);
                Assert.Equal((false, 0L), (guard.Health.IsDegraded, guard.Health.Audit!.Written));
            }

            Assert.Equal([AuditTypes.File, .. Enumerable.Repeat(AuditTypes.Checkpoint, start)], _log.Types());
            Assert.Null(_log.Verify(AuditKeys.None));
        }
    }

    [Fact]
    public async Task AReloadedPolicyOpensItsLogAtOnceToo()
    {
        await File.WriteAllTextAsync(NoFolder, "", Given.Cancel);
        var guard = Guard(new() { Path = _log.Path, Required = true });
        await guard.FlushAuditAsync(Given.Cancel);
        Assert.False(guard.Health.IsDegraded);
        guard.Replace(() => Given.Open with { Audit = new() { Path = Path.Combine(NoFolder, "x.jsonl"), Required = true } });
        await UntilAsync(() => guard.Health.Audit!.IsBlocking);
        var ending = guard.DisposeAsync().AsTask();
        await UntilAsync(() => ending.IsCompleted, TimeSpan.FromSeconds(1));   // between its tries to write that there was a reload
        await ending;
    }

    [Fact]
    public void AGuardThatCannotBeMadeLeavesItsLogToTheNext()
    {
        var policy = Given.Open with { Audit = new() { Path = _log.Path } };
        Assert.Throws<InvalidOperationException>(() => AegisGuard.Make(policy, new AegisBuilder(), services: null, static _ => throw new InvalidOperationException()));
        using var next = _log.Open();
        next.Write("a");
        Assert.Equal(["a"], _log.Ids());
    }

    [Fact]
    public async Task ASecondFileIsOpenedTooAndTakesWhatTheFirstCannot()
    {
        await File.WriteAllTextAsync(NoFolder, "", Given.Cancel);
        var spill = Path.Combine(_log.Folder, "spilled.jsonl");
        await using var guard = Guard(new() { Path = Path.Combine(NoFolder, "x.jsonl"), Required = true, BackPressure = AuditBackPressure.Spill, SpillTo = spill });
        await UntilAsync(() => guard.Health.IsDegraded && File.Exists(spill));
        Assert.False(guard.Health.Audit!.IsBlocking);
        Assert.Equal("passes", await guard.RuleOf(new UserInput("x"), Session));
    }

    [Fact]
    public async Task ALogWhoseSecondFileCannotBeOpenedEitherBlocks()
    {
        await File.WriteAllTextAsync(NoFolder, "", Given.Cancel);
        await using var guard = Guard(new() { Path = Path.Combine(NoFolder, "x.jsonl"), Required = true, BackPressure = AuditBackPressure.Spill });
        await UntilAsync(() => guard.Health.Audit!.IsBlocking);
    }

    [Fact]
    public async Task AFileThatDoesNotOpenInTimeIsSeenUntilItDoes()
    {
        var before = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lane = new AuditLane("json-file", _log.Open(time: _time), LogFolder.Records, _time, NullLogger.Instance, AuditBackPressure.Block, before.Task);
        lane.Open();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal((null, false), (lane.Health.Failing, lane.IsShut));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(("json-file: it is not open yet", true), (lane.Health.Failing, lane.IsShut));
        before.SetResult();
        await UntilAsync(() => lane.Health.Failing is null);
        Assert.False(lane.IsShut);
        await lane.EndAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task NoPathStandsInHealthOrInTheAppsLog()
    {
        await File.WriteAllTextAsync(NoFolder, "", Given.Cancel);
        var logs = new FakeLogCollector();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(logs)));
        await using var guard = Guard(new() { Path = Path.Combine(NoFolder, "x.jsonl"), Required = true }, builder => builder.UseLoggerFactory(loggers));
        await UntilAsync(() => logs.GetSnapshot().Any(static entry => entry.Message.Contains("json-file fails: IOException", StringComparison.Ordinal)));
        Assert.Equal("json-file: IOException", guard.Health.Audit!.Failing);
        Assert.DoesNotContain(logs.GetSnapshot(), entry => entry.Message.Contains(_log.Folder, StringComparison.Ordinal));
    }

    private AegisGuard Guard(AuditPolicy audit, Action<AegisBuilder>? more = null) => Given.Guard(Given.Open with { Audit = audit }, _time, more: more);

    private async Task UntilAsync(Func<bool> holds, TimeSpan step = default)
    {
        while (!holds())
        {
            Given.Cancel.ThrowIfCancellationRequested();
            _time.Advance(step);
            await Task.Yield();
        }
    }
}
