namespace Aegis.Events;

/// <summary>Hears events. Called on the way of the inspection, from many threads: it returns at once and leaves I/O to a queue. An exception is the hub's concern.</summary>
public interface IEventSink
{
    /// <summary>Hears one event.</summary>
    /// <param name="e">The event.</param>
    void Write(AegisEvent e);
}
