using Aegis;
using Microsoft.Extensions.AI;

namespace ChatService;

/// <summary>What was said, for each session: the last turns of the conversations that are at work. Thread-safe: a user can ask twice at once.</summary>
internal interface IHistories
{
    const int Turns = 20;

    static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    Task<IReadOnlyList<ChatMessage>> OfAsync(SessionId session);

    /// <summary>Adds a whole turn: a call without its result, or an answer without its question, confuses models.</summary>
    Task AddAsync(SessionId session, IReadOnlyList<ChatMessage> turn);
}
