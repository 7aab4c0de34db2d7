using System.Diagnostics;
using Aegis.Auditing;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Auditing;

/// <summary>Promise P35, on a disk of a few kilobytes. Mounting one needs root; elsewhere the tests are skipped, and .ci/run counts that as a failure.</summary>
public sealed class AuditDiskTests : IDisposable
{
    private static readonly SessionId Session = new("s");

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-disk").FullName;
    private readonly bool _isMounted;

    public AuditDiskTests()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Assert.Skip("A small disk is mounted by root on Linux.");
        }

        _isMounted = Run("mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", _folder);
        Assert.True(_isMounted, "tmpfs could not be mounted");
    }

    private string Log => Path.Combine(_folder, "aegis.jsonl");

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "-l", _folder);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AFullDiskBlocksWhereTheLogIsRequiredAndTheLogIsWholeWhenThereIsRoomAgain()
    {
        await using var guard = AegisGuard.Create(Given.Open with { Audit = new() { Path = Log, Required = true, Timeout = TimeSpan.FromSeconds(1) } });
        var passed = new List<string>();
        var outcome = await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel);
        for (; outcome.MayProceed; outcome = await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel))
        {
            passed.Add(outcome.Id.ToString());
        }

        Assert.Equal("audit/unavailable", outcome.Verdict.Rule);
        Assert.True(guard.Health.IsDegraded);
        Assert.InRange(passed.Count, 10, 500);
        Assert.True(Run("mount", "-o", "remount,size=1m", _folder));
        while (!(await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel)).MayProceed)
        {
            Assert.NotNull(guard.Health.Audit);
        }

        Assert.False(guard.Health.IsDegraded);
        Assert.Null(Verify(Log));
        var there = string.Concat(LogFolder.Read(Log));
        Assert.All(passed, id => Assert.Contains(id, there, StringComparison.Ordinal));
        Assert.Contains("audit/unavailable", there, StringComparison.Ordinal);   // what was blocked is said so
    }

    [Fact]
    public async Task AFullDiskStopsNothingWhereTheLogIsNotRequiredAndTheGapIsCounted()
    {
        var guard = AegisGuard.Create(Given.Open with { Audit = new() { Path = Log, BackPressure = AuditBackPressure.DropOldest } });
        var all = 2 * AuditLane.Capacity;
        for (var i = 0; i < all; i++)
        {
            Assert.True((await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel)).MayProceed);
        }

        Assert.True(guard.Health.IsDegraded);
        Assert.True(Run("mount", "-o", "remount,size=32m", _folder));
        await guard.FlushAuditAsync(Given.Cancel);
        await guard.DisposeAsync();
        Assert.Null(Verify(Log));
        var lines = LogFolder.Read(Log).Select(static line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToList();
        var gaps = lines.Where(static line => line.GetProperty("type").GetString() == AuditTypes.Gap).Sum(static line => line.GetProperty("count").GetInt64());
        Assert.Equal(all, gaps + lines.Count(static line => line.TryGetProperty("id", out _)));
        Assert.True(gaps > 0);
    }

    [Fact]
    public async Task AFullDiskSpills()
    {
        var spill = Path.Combine(Path.GetTempPath(), $"aegis-spill-{Guid.NewGuid():N}.jsonl");
        var guard = AegisGuard.Create(Given.Open with { Audit = new() { Path = Log, Required = true, BackPressure = AuditBackPressure.Spill, SpillTo = spill } });
        for (var i = 0; i < 300; i++)
        {
            Assert.True((await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel)).MayProceed);
        }

        var spilled = guard.Health.Audit!.Spilled;
        Assert.True(spilled > 0);
        await guard.DisposeAsync();
        Assert.Null(Verify(Log));
        Assert.Null(Verify(spill));
        Assert.Equal(300, new[] { Log, spill }.Sum(static file => LogFolder.Read(file).Count(static line => line.Contains("\"id\":", StringComparison.Ordinal))));
        Array.ForEach(Directory.GetFiles(Path.GetTempPath(), $"{Path.GetFileNameWithoutExtension(spill)}*"), File.Delete);
    }

    [Fact]
    public async Task ADiskThatCannotBeWrittenIsSeenAtTheStartAndBlocksWhereTheLogIsRequired()
    {
        Assert.True(Run("mount", "-o", "remount,ro", _folder));
        await using var guard = AegisGuard.Create(Given.Open with { Audit = new() { Path = Log, Required = true, Timeout = TimeSpan.FromSeconds(1) } });
        await UntilAsync(() => guard.Health.Audit!.IsBlocking);
        Assert.Equal("audit/unavailable", (await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel)).Verdict.Rule);
        Assert.True(Run("mount", "-o", "remount,rw", _folder));
        while (!(await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel)).MayProceed)
        {
            Assert.True(guard.Health.Audit!.Failures > 0);
        }

        Assert.False(guard.Health.Audit!.IsBlocking);
        Assert.Null(Verify(Log));
    }

    [Fact]
    public async Task AFullDiskIsSeenAtTheStart()
    {
        var rest = Path.Combine(_folder, "rest");
        Assert.Throws<IOException>(() => File.WriteAllBytes(rest, new byte[64 << 10]));
        var time = new FakeTimeProvider();
        await using var guard = Given.Guard(Given.Open with { Audit = new() { Path = Log, Required = true } }, time);
        await UntilAsync(() => guard.Health.Audit!.IsBlocking);
        File.Delete(rest);
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return !guard.Health.IsDegraded;
        });
        Assert.False(guard.Health.Audit!.IsBlocking);
        Assert.Null(Verify(Log));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            Given.Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static AuditFault? Verify(string path)
    {
        using var verifier = new AuditVerifier(AuditKeys.None);
        return AuditFiles.Of(path).Select(file =>
        {
            using var stream = AuditFiles.Open(file);
            return verifier.Read(file, stream);
        }).FirstOrDefault(static fault => fault is not null);
    }

    private static bool Run(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
