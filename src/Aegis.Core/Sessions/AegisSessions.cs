using Aegis.Events;

namespace Aegis;

/// <summary>
/// What the host can do to sessions, and with <see cref="SessionId.OfPrincipal"/> to a user in all sessions. Thread-safe. A session is named by all of its
/// parts: the same id with another principal is another session. Who may call this is for the host to say: nothing that a user or a model writes leads here.
/// </summary>
public sealed class AegisSessions
{
    private readonly AegisGuard _guard;
    private readonly string? _by;
    private readonly string? _reason;

    internal AegisSessions(AegisGuard guard, string? by = null, string? reason = null) => (_guard, _by, _reason) = (guard, by, reason);

    /// <summary>The same, in the name of somebody: their events say who and why, in the clear, in every sink and in the log.</summary>
    /// <param name="who">An id of the host's: an operator, a job. Never what a user of the agent has written.</param>
    /// <param name="reason">Why: a ticket, an alert. Never what a user of the agent has written; <see langword="null"/>: not said.</param>
    /// <returns>What that somebody can do.</returns>
    /// <exception cref="ArgumentException">One of them is empty, longer than <see cref="SessionId.MaxLength"/> or has control characters.</exception>
    public AegisSessions By(string who, string? reason = null)
    {
        ArgumentNullException.ThrowIfNull(who);
        return new(_guard, Checked(who, nameof(who)), reason is null ? null : Checked(reason, nameof(reason)));
    }

    /// <summary>What is remembered of a session.</summary>
    /// <param name="session">The session, or a user's account.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The state; <see cref="SessionState.Empty"/> for one that is not known.</returns>
    public ValueTask<SessionState> GetAsync(SessionId session, CancellationToken cancellationToken = default) =>
        _guard.Services.Store.ReadAsync(Checked(session), cancellationToken);

    /// <summary>Sets a session aside: every inspection in it blocks with <c>session/quarantined</c>.</summary>
    /// <param name="session">The session, or a user's account.</param>
    /// <param name="duration">How long; <see langword="null"/>: until released.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>When it holds.</returns>
    public ValueTask QuarantineAsync(SessionId session, TimeSpan? duration = null, CancellationToken cancellationToken = default) =>
        LockAsync(session, SessionLockKind.Quarantined, duration, cancellationToken);

    /// <summary>Locks a session out: every inspection in it blocks with <c>session/banned</c>.</summary>
    /// <param name="session">The session, or a user's account.</param>
    /// <param name="duration">How long; <see langword="null"/>: until released.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>When it holds.</returns>
    public ValueTask BanAsync(SessionId session, TimeSpan? duration = null, CancellationToken cancellationToken = default) =>
        LockAsync(session, SessionLockKind.Banned, duration, cancellationToken);

    /// <summary>Lifts any lock, whoever made it, and forgets the attacks and the near-misses that were counted. A lock on the user's account is another one, and stays.</summary>
    /// <param name="session">The session, or a user's account.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>When it is lifted.</returns>
    public ValueTask ReleaseAsync(SessionId session, CancellationToken cancellationToken = default) =>
        LockAsync(session, SessionLockKind.None, null, cancellationToken);

    /// <summary>Forgets how far the signed conversations of a session have got, because the host itself has gone back: a user edits an earlier message and has it answered anew. What comes back must be signed as ever; that it is shorter than it was counts as no finding until the next answer.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>When it is forgotten.</returns>
    public async ValueTask ForgetHistoryAsync(SessionId session, CancellationToken cancellationToken = default) =>
        await _guard.Services.Store.UpdateAsync(Checked(session), static (state, _) => (state.Histories.IsEmpty ? state : state with { Histories = [] }, true), 0, cancellationToken);

    private async ValueTask LockAsync(SessionId session, SessionLockKind kind, TimeSpan? duration, CancellationToken cancellationToken)
    {
        if (!Checked(session).MayBeLocked)
        {
            throw new ArgumentException("A provider's conversation id alone cannot be locked. Use AegisScope to say whose conversation it is.", nameof(session));
        }

        if (duration <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(duration), "A lock lasts for a positive time, or without one until it is released.");
        }

        if (duration is not null)
        {
            await _guard.Services.Store.ReadAsync(session, cancellationToken);   // a store with a clock of its own has said then what time it is
        }

        var now = _guard.Now;
        var held = kind == SessionLockKind.None ? null : new SessionLock(kind, now + duration);
        await _guard.Services.Store.UpdateAsync(session, static (state, held) => (held is null ? Released(state) : state with { Lock = held }, true), held, cancellationToken);
        _guard.Services.Events.Publish(new(DecisionId.Next(), subject: null, session, Verdict.None, Decision.Allow)
        {
            Time = now,
            Version = _guard.Pipeline.Policy.Version,
            Lock = kind,
            Change = new LockChange(held?.Until, _by, _reason),
        });
    }

    private static SessionState Released(SessionState state) =>
        state is { Lock: null, Strikes.IsEmpty: true, Risks: null } ? state : state with { Lock = null, Strikes = [], Risks = null };

    private static SessionId Checked(SessionId session) =>
        session.IsDefault ? throw new ArgumentException("A session must be named: 'default' is nobody's.", nameof(session)) : session;

    private static string Checked(string said, string name) =>
        said.Length is 0 or > SessionId.MaxLength || said.Any(char.IsControl) ? throw new ArgumentException($"It has 1 to {SessionId.MaxLength} characters and no control characters.", name) : said;
}
