using System.Collections.Concurrent;

namespace Aegis.Core.Tests.Guarding;

/// <summary>An instance's way to sessions that it shares with others. It can be cut: then what was known last is read for a minute, and nothing is changed.</summary>
internal sealed class SharedStore(ISessionStore sessions, TimeProvider time) : ISessionStore
{
    private readonly ConcurrentDictionary<SessionId, (SessionState State, DateTimeOffset At)> _known = new();

    public bool IsAway { get; set; }

    /// <summary>Whether changes are made and nobody hears of it.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Attempts to change something.</summary>
    public int Asked { get; private set; }

    /// <summary>As it was known last.</summary>
    public SessionState Known(SessionId id) => _known.TryGetValue(id, out var known) ? known.State : SessionState.Empty;

    public async ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            return _known.TryGetValue(id, out var known) && time.GetUtcNow() - known.At < TimeSpan.FromSeconds(60) ? known.State : throw new IOException();
        }

        var state = await sessions.ReadAsync(id, cancellationToken);
        _known[id] = (state, time.GetUtcNow());
        return state;
    }

    public async ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken)
    {
        Asked++;
        if (IsAway)
        {
            throw new IOException();
        }

        var (state, result) = await sessions.UpdateAsync(id, (known, given) => change(known, given) is var (changed, answer) ? (changed, (changed, answer)) : default, argument, cancellationToken);
        if (LosesAnswers)
        {
            throw new TimeoutException();
        }

        _known[id] = (state, time.GetUtcNow());
        return result;
    }
}
