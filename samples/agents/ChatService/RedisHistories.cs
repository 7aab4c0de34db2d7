using System.Text.Json;
using Aegis;
using Microsoft.Extensions.AI;
using StackExchange.Redis;

namespace ChatService;

/// <summary>Histories where all instances see them, under the session with its user. They are not sealed: whoever reads this Redis reads conversations, and whoever writes it writes them (docs/history.md says how that is found).</summary>
internal sealed class RedisHistories(IConnectionMultiplexer redis) : IHistories
{
    public async Task<IReadOnlyList<ChatMessage>> OfAsync(SessionId session)
    {
        try
        {
            var turns = await redis.GetDatabase().ListRangeAsync(KeyOf(session));
            return [.. turns.SelectMany(static turn => JsonSerializer.Deserialize<List<ChatMessage>>(turn.ToString(), AIJsonUtilities.DefaultOptions)!)];
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return [];   // the guard does not reach its sessions there either, and says so
        }
    }

    public async Task AddAsync(SessionId session, IReadOnlyList<ChatMessage> turn)
    {
        var key = KeyOf(session);
        var change = redis.GetDatabase().CreateTransaction();
        _ = change.ListRightPushAsync(key, JsonSerializer.Serialize(turn, AIJsonUtilities.DefaultOptions));
        _ = change.ListTrimAsync(key, -IHistories.Turns, -1);
        _ = change.KeyExpireAsync(key, IHistories.Silence);
        await change.ExecuteAsync();
    }

    private static RedisKey KeyOf(SessionId session) => $"{Sharing.Prefix}history:{session.ToStorageKey()}";
}
