namespace Aegis;

/// <summary>A change and whoever waits for its answer.</summary>
internal sealed class SessionChange<TArgument, TResult>(Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken) : SessionChange
{
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TResult? _result;
    private Exception? _thrown;

    public Task<TResult> Answer => _answer.Task;

    public override bool IsCancelled => cancellationToken.IsCancellationRequested;

    public override SessionState Apply(SessionState state)
    {
        try
        {
            (var changed, _result) = change(state, argument);
            _thrown = changed is null ? new InvalidOperationException("A change of a session gave no state.") : null;
            return changed ?? state;
        }
        catch (Exception e)   // it fails alone
        {
            _thrown = e;
            return state;
        }
    }

    public override void Keep()
    {
        if (_thrown is null)
        {
            _answer.TrySetResult(_result!);
        }
        else
        {
            _answer.TrySetException(_thrown);
        }
    }

    public override void Fail(Exception why)
    {
        if (why is OperationCanceledException)
        {
            _answer.TrySetCanceled(cancellationToken);
        }
        else
        {
            _answer.TrySetException(why);
        }
    }
}
