namespace Aegis.Testing.Tests.Sessions;

/// <summary>The checks find what they look for.</summary>
public sealed class ProvenanceStoreChecksTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-provenance-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("reads from the start", "what is appended is read, whole and from any place of it")]
    [InlineData("appends to any log", "nothing is appended to another log than the one that is meant")]
    [InlineData("replaces anything", "a log is replaced only where it ends as expected, by another generation")]
    [InlineData("keeps one log", "sessions do not share a log")]
    [InlineData("cannot be cancelled", "what is cancelled writes nothing")]
    public async Task AStoreThatErrsIsToldWhere(string error, string check)
    {
        var failure = await Assert.ThrowsAsync<ConformanceException>(() => ProvenanceStoreChecks.RunAsync(new Erring(new FileProvenanceStore(_folder), error), TestContext.Current.CancellationToken));
        Assert.Contains(check, failure.Message, StringComparison.Ordinal);
    }

    private sealed class Erring(IProvenanceStore inner, string error) : IProvenanceStore
    {
        public ValueTask<ProvenanceLog> ReadAsync(SessionId session, ProvenancePosition from, CancellationToken cancellationToken) =>
            inner.ReadAsync(Of(session), error == "reads from the start" ? default : from, Of(cancellationToken));

        public async ValueTask<ProvenancePosition?> AppendAsync(SessionId session, Guid generation, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            await inner.AppendAsync(Of(session), error == "appends to any log" ? (await inner.ReadAsync(session, default, cancellationToken)).End.Generation : generation, bytes, Of(cancellationToken));

        public async ValueTask<ProvenancePosition?> ReplaceAsync(SessionId session, ProvenancePosition expected, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            await inner.ReplaceAsync(Of(session), error == "replaces anything" ? (await inner.ReadAsync(session, default, cancellationToken)).End : expected, bytes, Of(cancellationToken));

        private SessionId Of(SessionId session) => error == "keeps one log" ? new(session.Id) : session;

        private CancellationToken Of(CancellationToken cancellationToken) => error == "cannot be cancelled" ? CancellationToken.None : cancellationToken;
    }
}
