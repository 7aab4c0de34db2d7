using Aegis.Auditing;

namespace Aegis.Core.Tests.Auditing;

/// <summary>Which files are a log's, and in which order.</summary>
public sealed class AuditFilesTests : IDisposable
{
    private static readonly string[] Names =
    [
        "aegis.000000000001.jsonl", "aegis.000000000001-1.jsonl", "aegis.000000000001-2.jsonl", "aegis.000000000001-10.jsonl", "aegis.000000000001-mine.jsonl",
        "aegis.000000000020.jsonl", "aegis.000000000020-1.jsonl", "aegis.999999999999.jsonl", "aegis.1000000000000.jsonl", "aegis.999999999999999998.jsonl",
    ];

    private readonly LogFolder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void FinishedFilesStandInTheOrderInWhichTheyWereFinished()
    {
        foreach (var name in Names.Order(StringComparer.Ordinal).Concat(["aegis.jsonl", "aegis.00000000001.jsonl", "aegis.000000000001x.jsonl", "aegis.eu.000000000001.jsonl", "aegis.99999999999999999999.jsonl"]))
        {
            File.WriteAllText(Path.Combine(_log.Folder, name), "");
        }

        Assert.Equal(Names, AuditFiles.FinishedOf(_log.Path).Select(Path.GetFileName));
        Assert.Equal([.. Names, "aegis.jsonl"], AuditFiles.Of(_log.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void RotationCountsNoFileThatSomebodyElseHasNamedSo()
    {
        _log.Write(new(), "a");
        var own = AuditFiles.Finished(_log.Path, 1);
        File.Move(_log.Path, own);
        foreach (var name in new[] { "aegis.20260714120000.jsonl", "aegis.000000000009.jsonl" })
        {
            File.Copy(own, Path.Combine(_log.Folder, name));
        }

        File.WriteAllText(Path.Combine(_log.Folder, "aegis.000000000020.jsonl"), "");
        Assert.Equal([own], AuditFiles.OwnOf(_log.Path));
    }

    [Fact]
    public void AFileWhoseNameWasTakenIsTheLaterOne()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            _log.Write(new(), id);
            File.Move(_log.Path, AuditFiles.Finished(_log.Path, 1, id[0] - 'a'));
            Array.ForEach(AuditFiles.FinishedOf(_log.Path).ToArray(), file => File.Move(file, $"{file}.away"));
        }

        Array.ForEach(Directory.GetFiles(_log.Folder, "*.away"), static file => File.Move(file, file[..^".away".Length]));
        Assert.Equal(["a", "b", "c"], _log.Ids());
    }
}
