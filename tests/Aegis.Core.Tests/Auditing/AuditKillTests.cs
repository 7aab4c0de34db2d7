using System.Diagnostics;
using Aegis.Auditing;

namespace Aegis.Core.Tests.Auditing;

/// <summary>Promise P34: what was acknowledged is there, however the process ended.</summary>
public sealed class AuditKillTests : IDisposable
{
    private readonly LogFolder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task NoAcknowledgedRecordIsLostWhenTheProcessIsKilled()
    {
        var acknowledged = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < Extent.Of(100, 3); round++)
        {
            await WriteAndKillAsync(50 + (round * 37 % 300), acknowledged);
        }

        var keys = LogFolder.KeysOf(("default", LogFolder.Secret));
        using (var file = _log.Open(keys: keys))
        {
            file.Write("last");   // sets half a record aside
        }

        Assert.Null(_log.Verify(keys, withCopies: true));
        var there = _log.Ids().ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(acknowledged, id => !there.Contains(id));
        Assert.NotEmpty(AuditFiles.FinishedOf(_log.Path));
    }

    private async Task WriteAndKillAsync(int count, HashSet<string> acknowledged)
    {
        var folder = Path.GetDirectoryName(typeof(AuditKillTests).Assembly.Location)!.Replace("Aegis.Core.Tests", Path.Combine("Assets", "Aegis.AuditWriter"), StringComparison.Ordinal);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(folder, "Aegis.AuditWriter.dll"), _log.Path, LogFolder.Secret, _log.Copies]) { RedirectStandardOutput = true })!;
        var heard = 0;
        while (heard < count && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } id)
        {
            acknowledged.Add(id);
            heard++;
        }

        Assert.Equal(count, heard);
        process.Kill();
        var rest = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        acknowledged.UnionWith(rest.Split('\n')[..^1]);   // the last one may be half
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
