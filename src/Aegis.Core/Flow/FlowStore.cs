namespace Aegis.Flow;

/// <summary>The memories of this process's sessions; bounded. A session whose memory is gone keeps its labels, so that what is forgotten counts as coming from nobody.</summary>
internal sealed class FlowStore
{
    private const int Capacity = 16_384;

    private readonly Generations<SessionId, FlowMemory> _memories = new(Capacity);
    private readonly Lock _adding = new();

    public FlowMemory Of(SessionId session)
    {
        if (_memories.TryGet(session, out var memory))
        {
            return memory;
        }

        lock (_adding)
        {
            if (!_memories.TryGet(session, out memory))
            {
                memory = new();
                _memories.Set(session, memory);
            }

            return memory;
        }
    }
}
