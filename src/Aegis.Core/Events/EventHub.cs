using Microsoft.Extensions.Logging;

namespace Aegis.Events;

/// <summary>Takes every event to every sink. A sink that throws is isolated from the app and from the other sinks; its first failure is logged, all are counted.</summary>
/// <param name="sinks">The sinks.</param>
/// <param name="logger">Where failures are said.</param>
/// <param name="first">Sinks that hear everything before these; null: there are none.</param>
internal sealed partial class EventHub(IReadOnlyList<IEventSink> sinks, ILogger logger, EventHub? first = null)
{
    private readonly long[] _failures = new long[sinks.Count];
    private readonly bool[] _areFailing = new bool[sinks.Count];

    /// <summary>Events that a sink refused, all sinks together.</summary>
    public long Failures => _failures.Sum() + (first?.Failures ?? 0);

    /// <summary>Sinks that refused the last event, by their types.</summary>
    public IEnumerable<string> Failing => (first?.Failing ?? []).Concat(sinks.Where((_, i) => Volatile.Read(ref _areFailing[i])).Select(static sink => sink.GetType().Name));

    public void Publish(AegisEvent e)
    {
        first?.Publish(e);
        for (var i = 0; i < sinks.Count; i++)
        {
            try
            {
                sinks[i].Write(e);
                if (Volatile.Read(ref _areFailing[i]))
                {
                    Volatile.Write(ref _areFailing[i], false);
                }
            }
            catch (Exception failure)
            {
                Volatile.Write(ref _areFailing[i], true);
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
