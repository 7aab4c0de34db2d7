using System.Collections.Immutable;
using Aegis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Memory;

namespace ChatService;

/// <summary>Histories in this instance: another one does not know them, so that a client has to come back to the same instance.</summary>
internal sealed class MemoryHistories : IHistories, IDisposable
{
    private const int Conversations = 10_000;

    private readonly Lock _lock = new();
    private readonly MemoryCache _turns = new(new MemoryCacheOptions { SizeLimit = Conversations });

    public Task<IReadOnlyList<ChatMessage>> OfAsync(SessionId session) => Task.FromResult<IReadOnlyList<ChatMessage>>([.. TurnsOf(session).SelectMany(static turn => turn)]);

    public Task AddAsync(SessionId session, IReadOnlyList<ChatMessage> turn)
    {
        lock (_lock)
        {
            var turns = TurnsOf(session).Add(turn);
            _turns.Set(session, turns.Count > IHistories.Turns ? turns.RemoveAt(0) : turns, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = IHistories.Silence });
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _turns.Dispose();

    private ImmutableList<IReadOnlyList<ChatMessage>> TurnsOf(SessionId session) => _turns.Get<ImmutableList<IReadOnlyList<ChatMessage>>>(session) ?? [];
}
