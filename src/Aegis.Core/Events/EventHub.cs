using Microsoft.Extensions.Logging;

namespace Aegis.Events;

/// <summary>Takes every event to every sink. A sink that throws is isolated from the app and from the other sinks; its first failure is logged, all are counted.</summary>
/// <param name="sinks">The sinks.</param>
/// <param name="logger">Where failures are said.</param>
/// <param name="first">Sinks that hear everything before these; null: there are none.</param>
internal sealed partial class EventHub(IReadOnlyList<IEventSink> sinks, ILogger logger, EventHub? first = null)
{
    private readonly int[] _failures = new int[sinks.Count];

    /// <summary>Events that a sink refused, all sinks together.</summary>
    public int Failures => _failures.Sum() + (first?.Failures ?? 0);

    public void Publish(AegisEvent e)
    {
        first?.Publish(e);
        for (var i = 0; i < sinks.Count; i++)
        {
            try
            {
                sinks[i].Write(e);
            }
            catch (Exception failure)
            {
                if (Interlocked.Increment(ref _failures[i]) == 1)
                {
                    Report(sinks[i], failure);
                }
            }
        }
    }

    private void Report(IEventSink sink, Exception failure)
    {
        try
        {
            SinkFailed(logger, sink.GetType().Name, failure.GetType().Name);
        }
        catch (Exception)
        {
            // The sink that failed is the log itself.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Event sink {Sink} threw {Exception}; further failures of it are only counted")]
    private static partial void SinkFailed(ILogger logger, string sink, string exception);
}
