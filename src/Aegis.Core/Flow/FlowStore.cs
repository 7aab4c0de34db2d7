namespace Aegis.Flow;

/// <summary>The memories of this process's sessions; bounded. A session whose memory is gone keeps its labels, so that what is forgotten counts as coming from nobody.</summary>
internal sealed class FlowStore
{
    private const int Capacity = 16_384;

    private readonly Generations<SessionId, FlowMemory> _memories = new(Capacity);

    public FlowMemory Of(SessionId session) => _memories.GetOrAdd(session, static () => new());
}
