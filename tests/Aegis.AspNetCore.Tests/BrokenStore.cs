namespace Aegis.AspNetCore.Tests;

/// <summary>A store that is not there.</summary>
internal sealed class BrokenStore : ISessionStore
{
    public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken) => throw new IOException("secret-host does not answer");

    public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken) => throw new IOException("secret-host does not answer");
}
