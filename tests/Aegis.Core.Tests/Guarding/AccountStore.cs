using System.Collections.Concurrent;

namespace Aegis.Core.Tests.Guarding;

/// <summary>A store in memory whose accounts can fail or wait one by one.</summary>
internal sealed class AccountStore : ISessionStore
{
    private readonly MemorySessionStore _inner = new();

    /// <summary>In which way an update of an account fails; null: it does not.</summary>
    public Func<SessionId, Fault?>? Fails { get; init; }

    /// <summary>Whether the answer to a change of an account is lost: it was made, and nobody hears of it.</summary>
    public Func<SessionId, bool>? LosesAnswerOf { get; init; }

    public Action<SessionId>? Before { get; init; }

    public Func<SessionId, Task>? Gate { get; init; }

    /// <summary>Accounts that were changed.</summary>
    public ConcurrentQueue<SessionId> Updated { get; } = new();

    public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken) => _inner.ReadAsync(id, cancellationToken);

    public async ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken)
    {
        Updated.Enqueue(id);
        Before?.Invoke(id);
        await (Gate?.Invoke(id) ?? Task.CompletedTask);
        var result = Fails?.Invoke(id) is { } fault ? await fault.Play<TResult>() : await _inner.UpdateAsync(id, change, argument, cancellationToken);
        return LosesAnswerOf?.Invoke(id) == true ? throw new TimeoutException() : result;
    }
}
