namespace Aegis.Guarding;

/// <summary>One session in which this process has gone on without its store, and what it owes. Changes are made one after the other. Thread-safe.</summary>
internal sealed class LocalSession
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _turns = new();
    private Task _last = Task.CompletedTask;
    private OwedState _owed = OwedState.Nothing;
    private long _failed;   // a timestamp
    private bool _isOver;

    /// <summary>What is to be booked.</summary>
    public OwedState Owed => Volatile.Read(ref _owed);

    /// <summary>Whether it is booked, so that nothing more can be owed here.</summary>
    public bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Whether a store that says this is away. One that has read what it cannot believe, or that runs no change, is not.</summary>
    public static bool IsAway(Exception why, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && why is not (AegisException or InvalidOperationException);

    /// <summary>A change in the store with all that is owed, or else here.</summary>
    /// <param name="pipeline">Whose policy says how much.</param>
    /// <param name="store">The store.</param>
    /// <param name="id">The session.</param>
    /// <param name="change">The change.</param>
    /// <param name="argument">Given to the change.</param>
    /// <param name="away">Why the store is known to be away; null: it is to be asked.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether the change was made; else everything was booked meanwhile, and it is to be made as ever.</returns>
    public async ValueTask<(bool IsMade, TResult? Result)> UpdateAsync<TArgument, TResult>(GuardPipeline pipeline, ISessionStore store, SessionId id, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, Exception? away, CancellationToken cancellationToken)
    {
        var turn = await BeginAsync(cancellationToken);
        try
        {
            if (_isOver)
            {
                return default;
            }

            var time = pipeline.Services.Time;
            if (away is not null)
            {
                _failed = time.GetTimestamp();
            }
            else if (pipeline.Policy.LocalShare is null || time.GetElapsedTime(_failed) >= AskEvery)   // those who waited for the same answer do not ask again
            {
                try
                {
                    return (true, await BookAsync(pipeline, store, id, change, argument, cancellationToken));
                }
                catch (Exception e) when (pipeline.Policy.LocalShare is not null && IsAway(e, cancellationToken))
                {
                    _failed = time.GetTimestamp();
                    away = e;
                }
            }

            return (true, await SpendAsync(pipeline, store, id, change, argument, away, cancellationToken));
        }
        finally
        {
            Volatile.Write(ref _isOver, _isOver || _owed.IsNothing);
            turn.SetResult();
        }
    }

    /// <summary>Books what is owed. Whether the store is there.</summary>
    public async ValueTask<bool> BookAsync(GuardPipeline pipeline, ISessionStore store, SessionId id)
    {
        var turn = await BeginAsync(CancellationToken.None);
        try
        {
            if (!_isOver)
            {
                await BookAsync(pipeline, store, id, static (state, _) => (state, true), true, CancellationToken.None);
            }

            return true;
        }
        catch (ObjectDisposedException)
        {
            Volatile.Write(ref _isOver, true);   // nobody will ever hear of it
            return true;
        }
        catch (Exception e)
        {
            return !IsAway(e, CancellationToken.None);   // a session that cannot be read blocks, and the others need not wait for it
        }
        finally
        {
            turn.SetResult();
        }
    }

    /// <summary>One after the other: whoever has waited sets the result in the end.</summary>
    private async ValueTask<TaskCompletionSource> BeginAsync(CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_turns)
        {
            (before, _last) = (_last, mine.Task);
        }

        try
        {
            await before.WaitAsync(cancellationToken);
            return mine;
        }
        catch (OperationCanceledException)
        {
            _ = before.ContinueWith(_ => mine.SetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);   // those behind wait for those before
            throw;
        }
    }

    private async ValueTask<TResult> BookAsync<TArgument, TResult>(GuardPipeline pipeline, ISessionStore store, SessionId id, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, CancellationToken cancellationToken)
    {
        var result = await pipeline.ChangeAsync(store, id, static (state, work) => work.change(work._owed.Book(state, work.Now), work.argument), (change, argument, _owed, pipeline.Services.Now), cancellationToken);
        _owed = OwedState.Nothing;
        Volatile.Write(ref _isOver, true);
        return result;
    }

    /// <summary>Made to what the store knew last, where the amounts of all that is spent here weigh more. First to see what it would spend, then with that, so that not even one large amount is more than the share.</summary>
    private async ValueTask<TResult> SpendAsync<TArgument, TResult>(GuardPipeline pipeline, ISessionStore store, SessionId id, Func<SessionState, TArgument, (SessionState, TResult)> change, TArgument argument, Exception? away, CancellationToken cancellationToken)
    {
        var share = pipeline.Policy.LocalShare!.Value;
        var known = await pipeline.ReadLastAsync(store, id, cancellationToken);   // which throws where nobody knows it
        var now = pipeline.Services.Now;
        var seen = _owed.Weighed(known, share, _owed, now);
        var (changed, result) = change(seen, argument);
        if (ReferenceEquals(changed, seen))
        {
            return result;
        }

        seen = _owed.Weighed(known, share, _owed.And(seen, changed, now) ?? throw Refused(), now);
        (changed, result) = change(seen, argument);
        if (!ReferenceEquals(changed, seen))
        {
            _owed = _owed.And(seen, changed, now) ?? throw Refused();
            pipeline.Services.Failures.Count(LocalSessions.Rule, isOpen: true);
        }

        return result;

        Exception Refused() => new TimeoutException("This cannot be changed without the store of sessions.", away);
    }
}
