namespace Aegis.AspNetCore.Tests;

/// <summary>A store that never answers, and does not hear that nobody waits any more.</summary>
internal sealed class HangingStore : ISessionStore
{
    private readonly TaskCompletionSource<SessionState> _never = new();

    public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken) => new(_never.Task);

    public async ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken) => change(await _never.Task, argument).Result;
}
