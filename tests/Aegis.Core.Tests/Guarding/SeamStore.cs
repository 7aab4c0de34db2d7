namespace Aegis.Core.Tests.Guarding;

/// <summary>A store in memory whose reads and updates can be replaced.</summary>
internal sealed class SeamStore : ISessionStore
{
    public MemorySessionStore Inner { get; } = new();

    public Func<CancellationToken, ValueTask<SessionState>>? OnRead { get; set; }

    /// <summary>Replaces updates; says in which way they fail.</summary>
    public Func<CancellationToken, Fault>? OnUpdate { get; set; }

    public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken) => OnRead?.Invoke(cancellationToken) ?? Inner.ReadAsync(id, cancellationToken);

    public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken) =>
        OnUpdate is { } fail ? fail(cancellationToken).Play<TResult>() : Inner.UpdateAsync(id, change, argument, cancellationToken);
}
