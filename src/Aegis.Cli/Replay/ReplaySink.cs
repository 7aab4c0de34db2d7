using System.Collections.Concurrent;
using Aegis.Events;

namespace Aegis.Cli.Replay;

/// <summary>Keeps what was heard.</summary>
internal sealed class ReplaySink(ConcurrentQueue<AegisEvent> events) : IEventSink
{
    public void Write(AegisEvent e) => events.Enqueue(e);
}
