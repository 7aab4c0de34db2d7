using System.Collections.Immutable;
using Aegis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Memory;

namespace ChatService;

/// <summary>What was said, for each session, in this instance: the last turns of the conversations that are at work. Locks, limits and budgets are in the session store, which instances share.</summary>
internal sealed class Histories : IDisposable
{
    private const int Conversations = 10_000;
    private const int Turns = 20;

    private static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly MemoryCache _turns = new(new MemoryCacheOptions { SizeLimit = Conversations });

    public IEnumerable<ChatMessage> Of(SessionId session) => TurnsOf(session).SelectMany(static turn => turn);

    /// <summary>Adds a whole turn: a call without its result, or an answer without its question, confuses models.</summary>
    public void Add(SessionId session, IReadOnlyList<ChatMessage> turn)
    {
        lock (_lock)   // a user can ask twice at once
        {
            var turns = TurnsOf(session).Add(turn);
            _turns.Set(session, turns.Count > Turns ? turns.RemoveAt(0) : turns, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Silence });
        }
    }

    public void Dispose() => _turns.Dispose();

    private ImmutableList<IReadOnlyList<ChatMessage>> TurnsOf(SessionId session) => _turns.Get<ImmutableList<IReadOnlyList<ChatMessage>>>(session) ?? [];
}
