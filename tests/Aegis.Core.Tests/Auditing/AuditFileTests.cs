using Aegis.Auditing;
using Aegis.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Auditing;

public sealed class AuditFileTests : IDisposable
{
    private static readonly AuditPolicy Small = new() { Rotation = new() { Size = 4096, Keep = 3 } };

    private readonly LogFolder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void TheChainGoesOnOverRestarts()
    {
        _log.Write(new(), "a", "b");
        _log.Write(new(), "c");
        Assert.Equal(["a", "b", "c"], _log.Ids());
        Assert.Equal([1, 2, 3], _log.Lines().Where(static line => line.TryGetProperty("id", out _) || line.GetProperty("seq").GetInt64() == 1).Select(static line => line.GetProperty("seq").GetInt64()).Take(3));
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void AFullFileIsFinishedAndTheChainGoesOnInTheNextOne()
    {
        using (var file = _log.Open(Small with { Rotation = new() { Size = 4096, Keep = 100 } }))
        {
            for (var i = 0; i < 100; i++)
            {
                file.Write($"id{i}");
            }
        }

        Assert.InRange(AuditFiles.FinishedOf(_log.Path).Count, 3, 20);
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"id{i}"), _log.Ids());
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void OnlySoManyFinishedFilesAreKept()
    {
        using (var file = _log.Open(Small))
        {
            for (var i = 0; i < 200; i++)
            {
                file.Write($"id{i}");
            }
        }

        Assert.Equal(3, AuditFiles.FinishedOf(_log.Path).Count);
        Assert.Equal("id199", _log.Ids()[^1]);
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void AnOldFileIsFinishedWhateverItsSize()
    {
        var time = new FakeTimeProvider();
        using var file = _log.Open(new() { Rotation = new() { Every = TimeSpan.FromHours(1) } }, time: time);
        file.Write("a");
        time.Advance(TimeSpan.FromMinutes(59));
        file.Write("b");
        Assert.Empty(AuditFiles.FinishedOf(_log.Path));
        time.Advance(TimeSpan.FromMinutes(2));
        file.Write("c");
        Assert.Single(AuditFiles.FinishedOf(_log.Path));
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void AFileIsAsOldAfterARestart()
    {
        var time = new FakeTimeProvider();
        var hourly = new AuditPolicy { Rotation = new() { Every = TimeSpan.FromHours(1) } };
        using (var file = _log.Open(hourly, time: time))
        {
            file.Write("a");
        }

        time.Advance(TimeSpan.FromMinutes(61));
        using (var file = _log.Open(hourly, time: time))
        {
            file.Write("b");
        }

        Assert.Single(AuditFiles.FinishedOf(_log.Path));
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void AClockThatJumpsBreaksNothing()
    {
        var time = new JumpingClock();
        using var file = _log.Open(new() { Rotation = new() { Every = TimeSpan.FromHours(1) }, CheckpointInterval = TimeSpan.FromMinutes(1) }, time: time);
        file.Write("a");
        time.Wall = DateTimeOffset.UnixEpoch;
        file.Write("b");
        time.Wall = DateTimeOffset.UnixEpoch.AddYears(200);
        file.Write("c");
        Assert.Equal(["a", "b", "c"], _log.Ids());
        Assert.Empty(AuditFiles.FinishedOf(_log.Path));   // age is measured by a clock that does not jump
        Assert.Null(_log.Verify());
    }

    [Theory, InlineData("rename"), InlineData("remove"), InlineData("copytruncate"), InlineData("replace")]
    public void AFileThatWasRotatedFromOutsideIsOpenedAnewWithoutASignal(string how)
    {
        using var file = _log.Open();
        file.Write("a", "b");
        var moved = $"{_log.Path}.1";
        switch (how)
        {
            case "rename":
                File.Move(_log.Path, moved);
                break;
            case "remove":
                File.Delete(_log.Path);
                break;
            case "replace":
                File.Move(_log.Path, moved);
                File.WriteAllBytes(_log.Path, []);
                break;
            default:
                File.Copy(_log.Path, moved);
                using (var cut = new FileStream(_log.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    cut.SetLength(0);
                }

                break;
        }

        file.Write("c");
        Assert.Equal(how == "remove" ? ["c"] : ["a", "b", "c"], _log.Ids());
        Assert.Equal(how == "remove", _log.Verify() is { What: var what } && what.Contains("has not deleted", StringComparison.Ordinal));
        Assert.Equal(how == "remove", _log.Types().Contains(AuditTypes.Recovery));
        Assert.Contains("\"id\":\"c\"", File.ReadAllText(_log.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void ALogWhoseLastFileWasRenamedWhileNobodyWroteGoesOn()
    {
        _log.Write(new(), "a", "b");
        File.Move(_log.Path, $"{_log.Path}.1");
        _log.Write(new(), "c");
        Assert.Equal(["a", "b", "c"], _log.Ids());
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void HalfARecordIsSetAsideAndTheChainGoesOn()
    {
        _log.Write(new(), "a", "b", "c");
        var bytes = File.ReadAllBytes(_log.Path);
        File.WriteAllBytes(_log.Path, bytes[..^10]);
        Assert.True(_log.Verify()!.IsTorn);
        _log.Write(new(), "d");
        Assert.Equal(["a", "b", "d"], _log.Ids());
        Assert.Contains(AuditTypes.Recovery, _log.Types());
        Assert.Contains("\"id\":\"c\"", File.ReadAllText($"{_log.Path}.torn"), StringComparison.Ordinal);
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void HalfARecordIsSetAsideOnceThereIsRoomForIt()
    {
        _log.Write(new(), "a", "b", "c");
        File.WriteAllBytes(_log.Path, File.ReadAllBytes(_log.Path)[..^10]);
        Directory.CreateDirectory($"{_log.Path}.torn");   // nothing can be put there
        using var file = _log.Open();
        Assert.ThrowsAny<Exception>(() => file.Write("d"));
        Directory.Delete($"{_log.Path}.torn");
        file.Write("d");
        Assert.Equal(["a", "b", "d"], _log.Ids());
        Assert.Contains(AuditTypes.Recovery, _log.Types());
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void ALogThatWasTakenAwayWholeIsMissedAfterARestartToo()
    {
        using (var file = _log.Open())
        {
            file.Write("a", "b");
            File.Delete(_log.Path);
            file.Write("c");
        }

        _log.Write(new(), "d");
        Assert.Contains("has not deleted", _log.Verify()!.What, StringComparison.Ordinal);
    }

    [Theory, InlineData("forged"), InlineData("another key")]
    public void WhatNoKeyOfTheLogHasSignedIsNotGoneOnWith(string how)
    {
        _log.Write(new(), "a", "b", "c");
        var header = LogFolder.Read(_log.Path)[0];
        Array.ForEach(Directory.GetFiles(_log.Folder), File.Delete);
        var forged = header.Replace("\"seq\":1,", "\"seq\":9000,", StringComparison.Ordinal)
            .Replace("\"oldest\":1", $"\"oldest\":9000,\"previous\":{{\"seq\":8999,\"head\":\"{new string('a', 64)}\"}}", StringComparison.Ordinal);
        Assert.Contains("8999", forged, StringComparison.Ordinal);
        File.WriteAllText(_log.Path, $"{(how == "forged" ? forged : forged.Replace("\"k1\"", "\"k9\"", StringComparison.Ordinal))}\n");
        _log.Write(new(), "d");
        File.Delete(AuditFiles.Finished(_log.Path, 9000));
        Assert.Contains(AuditTypes.Recovery, _log.Types());
        Assert.Equal(how == "forged", _log.Verify() is null);   // a log of its own; or one that says that it begins where nothing verifies
        Assert.DoesNotContain(_log.Lines(), static line => line.TryGetProperty("oldest", out var oldest) && oldest.GetInt64() == 9000 && line.GetProperty("key").GetString() == "k1");
    }

    [Theory, InlineData(true, 999_999_999_999_999_998, 1), InlineData(false, 999_999_999_999_999_998, 1), InlineData(true, 1_000_000_000_000_000, 1), InlineData(true, 999_999_999_999_999, 1_000_000_000_000_000)]
    public void ANumberThatNoKeyVouchesForLeavesRoomForAllThatComes(bool isKeyed, long planted, long next)
    {
        var keys = isKeyed ? LogFolder.Keys : AuditKeys.None;
        File.WriteAllText(_log.Path, Planted(planted, isKeyed ? "k9" : null));
        using (var file = _log.Open(keys: keys))
        {
            file.Write("a", "b");
        }

        var ours = _log.Lines().Where(line => line.GetProperty("seq").GetInt64() != planted).ToList();
        Assert.Equal(next, ours[0].GetProperty("seq").GetInt64());
        Assert.Contains(AuditTypes.Recovery, _log.Types());
        if (next == 1)
        {
            File.Delete(AuditFiles.Finished(_log.Path, planted));
            Assert.Null(_log.Verify(keys));
        }

        using (var file = _log.Open(keys: keys))
        {
            file.Write("c");   // what our key has signed is gone on with, whatever its number
        }

        Assert.Equal(["a", "b", "c"], _log.Ids());
        Assert.Equal(next == 1 ? 0 : 1, _log.Lines().Count(line => line.GetProperty("seq").GetInt64() == planted));
    }

    [Fact]
    public void RotationDeletesNothingBeforeTheNextFileSaysSo()
    {
        var time = new FakeTimeProvider();
        var keys = new AuditKeys([new("k1", System.Text.Encoding.UTF8.GetBytes(LogFolder.Secret), time.GetUtcNow().AddHours(3))]);
        var hourly = new AuditPolicy { Rotation = new() { Every = TimeSpan.FromHours(1), Keep = 1 } };
        using (var file = _log.Open(hourly, keys, time))
        {
            foreach (var id in new[] { "a", "b", "c" })
            {
                file.Write(id);
                time.Advance(TimeSpan.FromMinutes(61));
            }

            Assert.Contains("expired", file.Failure("d"), StringComparison.Ordinal);
        }

        _log.Write(hourly, "e");
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void LogsSideBySideAreApart()
    {
        using var other = new AuditFile(new(Path.Combine(_log.Folder, "aegis.eu.jsonl"), LogFolder.Keys, Small), LogFolder.Records, TimeProvider.System);
        using var spilled = new AuditFile(new($"{Path.Combine(_log.Folder, "aegis.overflow.jsonl")}", LogFolder.Keys, Small), LogFolder.Records, TimeProvider.System);
        for (var i = 0; i < 40; i++)
        {
            other.Write($"other{i}");
            spilled.Write($"spilled{i}");
        }

        using (var file = _log.Open(Small))
        {
            file.Write("a");
        }

        Assert.Equal(["a"], _log.Ids());
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void EveryCutOfAFileIsRecoveredFrom()
    {
        _log.Write(new(), "a", "b");
        var bytes = File.ReadAllBytes(_log.Path);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            Array.ForEach(Directory.GetFiles(_log.Folder), File.Delete);
            File.WriteAllBytes(_log.Path, bytes[..length]);
            _log.Write(new(), "z");
            Assert.Equal("z", _log.Ids()[^1]);
            Assert.Null(_log.Verify());
        }
    }

    [Fact]
    public void AFileThatWasChangedIsKeptAndSaidAndTheLogGoesOnInANewOne()
    {
        _log.Write(new(), "a", "b", "c");
        File.WriteAllText(_log.Path, File.ReadAllText(_log.Path).Replace("\"id\":\"b\"", "\"id\":\"x\"", StringComparison.Ordinal));
        _log.Write(new(), "d");
        Assert.Contains(_log.Lines(), static line => line.GetProperty("type").GetString() == AuditTypes.Recovery);
        var fault = _log.Verify();
        Assert.Equal((3, 3L), (fault!.Line, fault.Sequence!.Value));
        Assert.Equal(["a", "x", "c", "d"], _log.Ids());
    }

    [Fact]
    public void TwoCannotWriteOneLog()
    {
        using var first = _log.Open();
        first.Write("a");
        using var second = _log.Open();
        Assert.Contains("another process", second.Failure("b"), StringComparison.Ordinal);
        first.Write("c");
        Assert.Equal(["a", "c"], _log.Ids());
        Assert.Null(_log.Verify());
    }

    [Fact]
    public void KeysCanBeRotatedAndTheOldOneStillVerifies()
    {
        var both = LogFolder.KeysOf(("k2", "another-secret-of-thirty-two-bytes"), ("k1", LogFolder.Secret));
        _log.Write(new(), "a");
        using (var file = _log.Open(keys: both))
        {
            file.Write("b");
        }

        Assert.Equal(["k1", "k2"], _log.Lines().Where(static line => line.TryGetProperty("id", out _)).Select(static line => line.GetProperty("key").GetString()!));
        Assert.Null(_log.Verify(both));
        Assert.True(_log.Verify()!.IsUnverified);
    }

    [Fact]
    public void ALogGoesOnWhenItsOldKeyIsGone()
    {
        var other = LogFolder.KeysOf(("k2", "another-secret-of-thirty-two-bytes"));
        _log.Write(new(), "a");
        using (var file = _log.Open(keys: other))
        {
            file.Write("b");
        }

        Assert.Equal(["a", "b"], _log.Ids());
        Assert.Empty(AuditFiles.FinishedOf(_log.Path));
        Assert.Null(_log.Verify(LogFolder.KeysOf(("k2", "another-secret-of-thirty-two-bytes"), ("k1", LogFolder.Secret))));
    }

    [Fact]
    public void AKeyThatHasExpiredSignsNothing()
    {
        var time = new FakeTimeProvider();
        var keys = new AuditKeys([new("k1", new byte[32], time.GetUtcNow().AddHours(1))]);
        using var file = _log.Open(keys: keys, time: time);
        file.Write("a");
        time.Advance(TimeSpan.FromHours(2));
        Assert.Contains("expired", file.Failure("b"), StringComparison.Ordinal);
        Assert.Null(_log.Verify(keys));
    }

    [Fact]
    public void WithoutAKeyTheChainShowsAccidentsAndAKeyIsNotFooledByIt()
    {
        using (var file = _log.Open(keys: AuditKeys.None))
        {
            file.Write("a", "b");
        }

        Assert.Null(_log.Verify(AuditKeys.None));
        Assert.Equal("is not signed.", _log.Verify()!.What);
    }

    [Fact]
    public void ACheckpointComesAfterSoManyRecordsAndAfterSoMuchTime()
    {
        var time = new FakeTimeProvider();
        var lines = new List<string>();
        using var file = _log.Open(new() { CheckpointRecords = 3, CheckpointInterval = TimeSpan.FromMinutes(1) }, time: time, onCheckpoint: lines.Add);
        Assert.Null(file.CheckpointDue);
        file.Write("a", "b");
        Assert.Single(lines);   // with the header, three
        Assert.Null(file.CheckpointDue);
        file.Write("c");
        Assert.Equal(TimeSpan.FromMinutes(1), file.CheckpointDue);
        time.Advance(TimeSpan.FromMinutes(1));
        file.Checkpoint();
        file.Checkpoint();
        Assert.Equal(2, lines.Count);
        Assert.EndsWith(string.Concat(lines[1]), File.ReadAllText(_log.Path), StringComparison.Ordinal);
    }

    /// <summary>The first line of a file that begins with a number, as anybody can write it who has no key of ours.</summary>
    private static string Planted(long number, string? key)
    {
        var body = FormattableString.Invariant($"{{\"seq\":{number}{(key is null ? "" : $",\"key\":\"{key}\"")},\"time\":\"2026-01-01T00:00:00Z\",\"type\":\"audit_file\",\"log\":\"x\",\"oldest\":1,\"previous\":{{\"seq\":{number - 1},\"head\":\"{new string('0', 64)}\"}}");
        using var chain = new AuditChain();
        var code = new byte[AuditChain.Size];
        chain.Write(null, AuditChain.Start, System.Text.Encoding.ASCII.GetBytes(body), code);
        return $"{body},\"{(key is null ? "sum" : "mac")}\":\"{Convert.ToHexStringLower(code)}\"}}\n";
    }

    private sealed class JumpingClock : TimeProvider
    {
        public DateTimeOffset Wall { get; set; } = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Wall;
    }
}
