namespace Aegis.Testing.Tests.Sessions;

public sealed class FileProvenanceStoreTests : IDisposable
{
    private static readonly SessionId Session = new("s", "ann", "../../etc");
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("aegis-provenance-").FullName, "logs");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public Task ItDoesWhatAStoreOfProvenanceDoes() => ProvenanceStoreChecks.RunAsync(new FileProvenanceStore(_folder), Token);

    [Fact]
    public async Task WhatOneStoreWritesAnotherReads()
    {
        var store = new FileProvenanceStore(_folder);
        var end = await store.AppendAsync(Session, Guid.Empty, new byte[] { 1, 2 }, Token);
        Assert.Equal(new byte[] { 1, 2 }, (await new FileProvenanceStore(_folder).ReadAsync(Session, default, Token)).Bytes.ToArray());
        Assert.NotNull(await new FileProvenanceStore(_folder).AppendAsync(Session, end!.Value.Generation, new byte[] { 3 }, Token));
        Assert.StartsWith(_folder, Path.GetFullPath(store.PathOf(Session)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AProcessThatDiedWhileItAppendedHasAppendedNothing()
    {
        var store = new FileProvenanceStore(_folder);
        var end = (await store.AppendAsync(Session, Guid.Empty, new byte[] { 1, 2 }, Token))!.Value;
        await File.AppendAllTextAsync(store.PathOf(Session), "what nobody finished", Token);
        Assert.Equal(end, (await store.ReadAsync(Session, default, Token)).End);
        Assert.Equal(end with { Offset = 3 }, await store.AppendAsync(Session, end.Generation, new byte[] { 3 }, Token));
        Assert.Equal(new byte[] { 1, 2, 3 }, (await store.ReadAsync(Session, default, Token)).Bytes.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task AFileWithoutAWholeHeadIsNoLog(int length)
    {
        var store = new FileProvenanceStore(_folder);
        await File.WriteAllBytesAsync(store.PathOf(Session), new byte[length], Token);
        Assert.Equal(default, (await store.ReadAsync(Session, default, Token)).End);
        Assert.Equal(1, (await store.AppendAsync(Session, Guid.Empty, new byte[] { 1 }, Token))!.Value.Offset);
    }

    [Fact]
    public async Task AFileThatWasCutOffEndsThere()
    {
        var store = new FileProvenanceStore(_folder);
        var end = (await store.AppendAsync(Session, Guid.Empty, new byte[] { 1, 2, 3 }, Token))!.Value;
        await using (var file = new FileStream(store.PathOf(Session), FileMode.Open))
        {
            file.SetLength(file.Length - 1);
        }

        var log = await store.ReadAsync(Session, end, Token);
        Assert.Equal((0, end with { Offset = 2 }), (log.Bytes.Length, log.End));
    }
}
