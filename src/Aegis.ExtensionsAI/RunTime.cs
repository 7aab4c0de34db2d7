using Aegis.Guarding;

namespace Aegis.ExtensionsAI;

/// <summary>What is left of a run's time, as a token. A layer inside another one of the same run has its token already.</summary>
internal sealed class RunTime : IDisposable
{
    private readonly Turn _turn;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource? _clock;
    private readonly CancellationTokenSource? _linked;

    public RunTime(Turn turn, CancellationToken caller)
    {
        (_turn, _caller) = (turn, caller);
        Token = caller;
        if (!turn.Run.Guard.Pipeline.Policy.IsMonitor && (AegisAmbient.Current.Run is null || AegisAmbient.Current.InTool))
        {
            var guard = turn.Run.Guard;
            var left = turn.Run.Ticket.Started + guard.Policy.AgentLoop.MaxDuration - guard.Now;
            _clock = new(left > TimeSpan.Zero ? left : TimeSpan.Zero, guard.Services.Time);
            _linked = caller.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(caller, _clock.Token) : null;
            Token = (_linked ?? _clock).Token;
        }
    }

    public CancellationToken Token { get; }

    /// <summary>Whether the time ran out, and not the caller's patience.</summary>
    public bool IsUp => _clock is { IsCancellationRequested: true } && !_caller.IsCancellationRequested;

    public ValueTask<Inspection> RecordAsync() =>
        _turn.Run.Guard.Pipeline.RecordAsync(new ModelOutput(""), _turn.Run, _turn.Run.Guard.Pipeline.Policy.Run.DurationSpent(), _caller);

    public void Dispose()
    {
        _linked?.Dispose();
        _clock?.Dispose();
    }
}
