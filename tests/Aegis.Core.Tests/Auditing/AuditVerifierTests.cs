using System.Text;
using Aegis.Auditing;
using CsCheck;

namespace Aegis.Core.Tests.Auditing;

/// <summary>Promise P34: whatever is done to a log that was written shows.</summary>
public sealed class AuditVerifierTests : IDisposable
{
    private readonly LogFolder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void EveryEditDeletionInsertionExchangeAndCutIsFound()
    {
        var (files, copies) = Written();
        Assert.Null(Verify(files, copies));
        var all = string.Concat(files);
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue], Gen.Byte).Sample(
            (kind, a, b, c) =>
            {
                var file = a % files.Length;
                var changed = Change(files[file], kind, b, a / files.Length, (char)(c % 95 + 32));
                if (changed != files[file])
                {
                    var log = files.ToArray();
                    log[file] = changed;
                    Assert.NotNull(Verify(log, copies));
                }
            },
            iter: Extent.Of(100_000, 2_000));
    }

    [Fact]
    public void AMissingFileIsFoundAndTheOldestMayBeDeletedByOthersIfThatIsSaid()
    {
        var (files, copies) = Written();
        Assert.True(files.Length >= 3);
        for (var i = 0; i < files.Length; i++)
        {
            var without = files.Where((_, index) => index != i).ToArray();
            Assert.NotNull(Verify(without, copies));
            Assert.Equal(i == 0, Verify(without, copies, isDeletedByOthers: true) is null);
        }
    }

    [Theory]
    [InlineData(1, "was changed")]
    [InlineData(2, "stands where record")]
    public void TheFirstBadRecordIsNamedWithFileLineAndNumber(int kind, string what)
    {
        _log.Write(new(), "a", "b", "c", "d");
        var lines = File.ReadAllLines(_log.Path).ToList();
        if (kind == 1)
        {
            lines[2] = lines[2].Replace("\"b\"", "\"B\"", StringComparison.Ordinal);
        }
        else
        {
            lines.RemoveAt(2);
        }

        File.WriteAllText(_log.Path, string.Concat(lines.Select(static line => $"{line}\n")));
        var fault = _log.Verify()!;
        Assert.Equal(("aegis.jsonl", 3L, kind == 1 ? 3L : 4L), (fault.File, fault.Line, fault.Sequence!.Value));
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEndThatWasCutOffShowsOnlyWithACopyOfACheckpoint()
    {
        var (files, copies) = Written();
        var last = files[^1].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        files[^1] = string.Concat(last.Take(last.Length - 2).Select(static line => $"{line}\n"));
        Assert.Null(Verify(files, ""));
        Assert.Contains("cut off", Verify(files, copies)!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void ALogThatWasCutAndWrittenAnewIsNotWhatItsCheckpointSays()
    {
        var copies = new StringBuilder();
        using (var file = _log.Open(new() { CheckpointRecords = 4 }, onCheckpoint: line => copies.Append(line)))
        {
            file.Write("a", "b", "c");
        }

        File.Delete(_log.Path);
        using (var file = _log.Open(new() { CheckpointRecords = 100 }))
        {
            file.Write("a", "b", "forged", "d", "e");
        }

        Assert.Contains("checkpoint", Verify([File.ReadAllText(_log.Path)], copies.ToString())!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherKeyFitsNothing()
    {
        _log.Write(new(), "a");
        Assert.Contains("does not fit", _log.Verify(LogFolder.KeysOf(("k1", "some-other-secret-of-thirty-two-bytes")))!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void ACopyThatWasCutOffByAFullDiskIsNotBelievedAndHarmsNoOther()
    {
        var (files, copies) = Written();
        var lines = copies.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Null(Verify(files, string.Concat(lines.Select(static line => $"{line[..40]}\n{line}\n"))));
        Assert.Equal("holds no checkpoint.", Verify(files, "{\"seq\":12\n")!.What);
    }

    [Fact]
    public void AFileOfAnotherLogWithTheSameKeyIsNoPartOfThisOne()
    {
        _log.Write(new() { Rotation = new() { Size = 4096, Keep = 9 } }, [.. Enumerable.Range(0, 40).Select(static i => $"a{i}")]);
        using var other = new LogFolder();
        other.Write(new() { Rotation = new() { Size = 4096, Keep = 9 } }, [.. Enumerable.Range(0, 40).Select(static i => $"b{i}")]);
        string[] mine = [.. AuditFiles.Of(_log.Path).Select(File.ReadAllText)];
        string[] theirs = [.. AuditFiles.Of(other.Path).Select(File.ReadAllText)];
        Assert.True(mine.Length > 1);
        Assert.Contains("another log", Verify([mine[0], .. theirs[1..]], "")!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void ALineThatIsTooLongIsNoHalfRecord()
    {
        _log.Write(new(), "a", "b", "c");
        var lines = LogFolder.Read(_log.Path);
        lines[1] = lines[1][..^80] + new string('x', 3 << 20) + lines[1][^80..];
        File.WriteAllText(_log.Path, string.Concat(lines.Select(static line => $"{line}\n")));
        Assert.False(_log.Verify()!.IsTorn);
        _log.Write(new(), "d");
        Assert.Contains(AuditFiles.Of(_log.Path).SelectMany(LogFolder.Read), static line => line.Contains("\"id\":\"c\"", StringComparison.Ordinal));   // nothing was cut off
    }

    [Fact]
    public void ALineWithoutAnEndIsNoMemoryHog()
    {
        using var stream = new Endless(20L << 20);
        var reader = new AuditLineReader(stream);
        var parts = 0;
        while (reader.TryRead(out var part))
        {
            Assert.InRange(part.Length, 1, 4 << 20);
            parts++;
        }

        Assert.InRange(parts, 5, 40);
    }

    /// <summary>A log of several files that ends with a checkpoint, and the copies.</summary>
    private (string[] Files, string Copies) Written()
    {
        var copies = new StringBuilder();
        using (var file = _log.Open(new() { CheckpointRecords = 5, Rotation = new() { Size = 4096, Keep = 100 } }, onCheckpoint: line => copies.Append(line)))
        {
            for (var i = 0; i < 40; i++)
            {
                file.Write(FormattableString.Invariant($"id{i}"));
            }

            file.Checkpoint();
        }

        return ([.. AuditFiles.Of(_log.Path).Select(File.ReadAllText)], copies.ToString());
    }

    private static AuditFault? Verify(IReadOnlyList<string> files, string copies, bool isDeletedByOthers = false)
    {
        using var verifier = new AuditVerifier(LogFolder.Keys);
        return verifier.Expect("copies", Of(copies)) ?? files.Select((file, index) => verifier.Read(FormattableString.Invariant($"{index}"), Of(file))).FirstOrDefault(static fault => fault is not null) ?? verifier.End("last", isDeletedByOthers);
    }

    private static MemoryStream Of(string text) => new(Encoding.Latin1.GetBytes(text));

    private static string Change(string file, int kind, int a, int b, char c)
    {
        var lines = file.Split('\n')[..^1].ToList();
        var (i, j) = (a % lines.Count, b % lines.Count);
        switch (kind)
        {
            case 0:
                var at = a % file.Length;
                return $"{file[..at]}{c}{file[(at + 1)..]}";
            case 1:
                lines.RemoveAt(i);
                break;
            case 2:
                lines.Insert(i, lines[j]);
                break;
            case 3:
                (lines[i], lines[j]) = (lines[j], lines[i]);
                break;
            default:
                return file[..(a % file.Length)];
        }

        return string.Concat(lines.Select(static line => $"{line}\n"));
    }

    /// <summary>So many bytes without the end of a line.</summary>
    private sealed class Endless(long left) : MemoryStream
    {
        private long _left = left;

        public override int Read(Span<byte> buffer)
        {
            var read = (int)Math.Min(buffer.Length, _left);
            buffer[..read].Fill((byte)'x');
            _left -= read;
            return read;
        }
    }
}
