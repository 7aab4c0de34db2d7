namespace Aegis.Core.Tests.Guarding;

internal static class Faults
{
    public static bool IsTimeout(this Fault fault) => fault is Fault.TimesOut or Fault.Hangs;

    public static ValueTask<T> Play<T>(this Fault fault) => fault switch
    {
        Fault.Throws => throw new InvalidOperationException(),
        Fault.ThrowsLater => Later<T>(new InvalidOperationException()),
        Fault.Faulted => new(Task.FromException<T>(new IOException())),
        Fault.Cancels => throw new OperationCanceledException(),
        Fault.CancelsLater => Later<T>(new TaskCanceledException()),
        Fault.Cancelled => new(Task.FromCanceled<T>(new(canceled: true))),
        Fault.TimesOut => throw new TimeoutException(),
        Fault.Hangs => new(new TaskCompletionSource<T>().Task),
        _ => default,
    };

    private static async ValueTask<T> Later<T>(Exception exception)
    {
        await Task.Yield();
        throw exception;
    }
}
