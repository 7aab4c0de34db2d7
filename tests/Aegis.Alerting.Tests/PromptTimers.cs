namespace Aegis.Alerting.Tests;

/// <summary>A clock on which pauses are over at once; what waits for a minute or more waits for ever. It keeps the pauses.</summary>
internal sealed class PromptTimers : TimeProvider
{
    private readonly List<TimeSpan> _pauses = [];

    public IReadOnlyList<TimeSpan> Pauses
    {
        get
        {
            lock (_pauses)
            {
                return [.. _pauses];
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new PromptTimer(this, System.CreateTimer(callback, state, Prompt(dueTime), Timeout.InfiniteTimeSpan));

    private TimeSpan Prompt(TimeSpan dueTime)
    {
        if (dueTime >= TimeSpan.FromMinutes(1) || dueTime < TimeSpan.Zero)
        {
            return Timeout.InfiniteTimeSpan;
        }

        lock (_pauses)
        {
            _pauses.Add(dueTime);
        }

        return TimeSpan.Zero;
    }

    private sealed class PromptTimer(PromptTimers clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Prompt(dueTime), Timeout.InfiniteTimeSpan);

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
