namespace Aegis.Testing;

/// <summary>Counts what is open and tells when nothing is.</summary>
internal sealed class OpenStreamCounter
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _zero;

    public int Count { get; private set; }

    public IDisposable Open()
    {
        lock (_lock)
        {
            Count++;
        }

        return new Opened(this);
    }

    public Task WhenZeroAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Count == 0
                ? Task.CompletedTask
                : (_zero ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }

    private void Close()
    {
        lock (_lock)
        {
            if (--Count == 0)
            {
                _zero?.SetResult();
                _zero = null;
            }
        }
    }

    private sealed class Opened(OpenStreamCounter counter) : IDisposable
    {
        public void Dispose() => counter.Close();
    }
}
