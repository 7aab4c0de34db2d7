namespace Aegis;

/// <summary>Where sessions are remembered. Implementations are thread-safe. One outside the process keeps <see cref="SessionState.ToBytes"/> under <see cref="SessionId.ToStorageKey"/>, and changes it under a lock that all processes heed, or by compare and swap.</summary>
public interface ISessionStore
{
    /// <summary>The state of a session; <see cref="SessionState.Empty"/> for one that is not known.</summary>
    /// <param name="id">The session.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The state.</returns>
    ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken);

    /// <summary>Changes a session atomically. The change is pure and may run several times; its last result is kept. A change that returns the state it was given writes nothing.</summary>
    /// <typeparam name="TArgument">What the change is given.</typeparam>
    /// <typeparam name="TResult">What the change answers.</typeparam>
    /// <param name="id">The session.</param>
    /// <param name="change">The change.</param>
    /// <param name="argument">Given to the change.</param>
    /// <param name="cancellationToken">Cancels the update; either all of it happens or nothing.</param>
    /// <returns>What the change answered in the run that was kept.</returns>
    ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken);
}
