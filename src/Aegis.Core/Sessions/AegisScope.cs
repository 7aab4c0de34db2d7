namespace Aegis;

/// <summary>The host says whose conversation the work is until it is disposed. Flows with the async context; scopes nest.</summary>
public sealed class AegisScope : IDisposable
{
    private readonly AegisAmbient _before;
    private object? _runKey;
    private int _isOver;

    private AegisScope(SessionId session)
    {
        Session = session;
        _before = AegisAmbient.Current;
    }

    /// <summary>Whose conversation it is.</summary>
    public SessionId Session { get; }

    /// <summary>Identity of the run that <see cref="NewRun"/> began; null: the messages say where runs begin.</summary>
    internal object? RunKey => Volatile.Read(ref _runKey);

    /// <summary>Begins a scope.</summary>
    /// <param name="session">The conversation.</param>
    /// <returns>The scope.</returns>
    /// <exception cref="ArgumentException"><paramref name="session"/> is <c>default</c>, or a user's account.</exception>
    public static AegisScope Begin(SessionId session)
    {
        if (session.IsDefault)
        {
            throw new ArgumentException("A session must be named: 'default' is nobody's.", nameof(session));
        }

        if (session.IsAccount)
        {
            throw new ArgumentException("An account of a user is no conversation. Name one, with the user as its principal.", nameof(session));
        }

        var scope = new AegisScope(session);
        AegisAmbient.Current = scope._before with { Scope = scope };
        return scope;
    }

    /// <summary>Begins a scope.</summary>
    /// <param name="id">The conversation.</param>
    /// <param name="principal">The signed-in user.</param>
    /// <param name="tenant">The user's tenant.</param>
    /// <returns>The scope.</returns>
    public static AegisScope Begin(string id, string? principal = null, string? tenant = null) => Begin(new SessionId(id, principal, tenant));

    /// <summary>Begins a run: from now on all requests in this scope are one, whatever their messages look like, until the next call. Runs that the host begins do not count towards the runs that messages can start.</summary>
    public void NewRun() => Volatile.Write(ref _runKey, new object());

    /// <summary>Narrows the tools of all work until it is disposed, sub-agents included, with or without a scope: the model sees those that the task needs and the policy allows, calls of others are blocked with <c>capability/out-of-task</c>. What is narrowed inside is narrowed further. Flows with the async context.</summary>
    /// <param name="task">What the task needs.</param>
    /// <returns>Ends it.</returns>
    public static IDisposable Narrow(AegisTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return AegisAmbient.Narrow(task);
    }

    /// <summary>Ends the scope, and those that were begun inside of it here. A second call does nothing, and a scope that has ended does not come back when one inside of it ends later.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return;
        }

        for (var open = AegisAmbient.Current.Scope; open is not null; open = open._before.Scope)
        {
            if (ReferenceEquals(open, this))
            {
                var before = _before;
                while (before.Scope is { _isOver: 1 } over)
                {
                    before = over._before;
                }

                AegisAmbient.Current = before;
                return;
            }
        }
    }
}
