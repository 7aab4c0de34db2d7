namespace Aegis.Guarding;

/// <summary>The memories of sessions that are shared with other instances; bounded: one that gave way is read again from its log.</summary>
internal sealed class SharedMemories(IProvenanceStore store, byte[] key, TimeProvider time, TimeSpan timeout)
{
    private const int Capacity = 16_384;

    private readonly Generations<SessionId, SharedMemory> _memories = new(Capacity);

    /// <summary>The memory of a session; null: nobody else can have a session of this name.</summary>
    public SharedMemory? Of(SessionId session) =>
        session.Origin is not (SessionOrigin.Host or SessionOrigin.Conversation) ? null
        : _memories.TryGet(session, out var known) ? known
        : _memories.GetOrAdd(session, () => new(store, new(key, session), session, time, timeout));
}
