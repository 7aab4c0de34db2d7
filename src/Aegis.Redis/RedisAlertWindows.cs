using System.Globalization;
using Aegis.Alerting;
using Aegis.Policies;
using StackExchange.Redis;

namespace Aegis;

/// <summary>Windows of alert rules in Redis, so that a rule counts what all instances see, and one of them tells. Time is that of Redis. Throws when Redis is not there. Thread-safe.</summary>
internal sealed class RedisAlertWindows(IConnectionMultiplexer redis, RedisSessionOptions options, TimeProvider time) : IAlertWindows
{
    public TimeSpan Patience => options.Timeout;

    public ValueTask<SharedCount> CountAsync(AlertRule rule, SessionId key, long amount, long rest, string alert) => AskAsync(rule, key, amount, rest, "count", alert);

    public ValueTask<SharedCount> LookAsync(AlertRule rule, SessionId key, string alert) => AskAsync(rule, key, 0, 0, "look", alert);

    private async ValueTask<SharedCount> AskAsync(AlertRule rule, SessionId key, long amount, long rest, string question, string alert)
    {
        if (!redis.IsConnected)
        {
            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "Redis is not connected.");
        }

        var name = $"{options.Prefix}alert:{{{rule.SharedName}:{(key == default ? "all" : key.ToStorageKey())}}}";
        RedisValue[] values =
        [
            question, rule.Type switch { AlertConditionType.CostAnomaly => "cost", AlertConditionType.ScanBlockRate => "share", _ => "count" },
            (long)rule.Condition.Window.TotalMicroseconds, (long)(rule.IsCount ? rule.Condition.Threshold : rule.Condition.Threshold * AlertRule.Micros), rule.Minimum,
            amount, rest, (long)rule.Definition.Cooldown.TotalMilliseconds, alert, DecisionId.Next().ToString(),
        ];
        var answer = await RedisLink.EvaluateAsync(redis, AlertScript.Text, [$"{name}:window", $"{name}:cooldown", $"{name}:open", $"{name}:over:{alert}"], values, Timeout.InfiniteTimeSpan, time, CancellationToken.None);   // as long as the client waits: what a late answer claims must be told
        if (answer.Length != 6)
        {
            throw new AegisException("Redis gave an answer that is none.");
        }

        var (counted, others) = (Number(answer[0]), Number(answer[1]));
        var value = rule.Type switch { AlertConditionType.CostAnomaly => counted / AlertRule.Micros, AlertConditionType.ScanBlockRate => counted + others == 0 ? 0 : counted / (counted + others), _ => counted };
        return new(value, (int)answer[2] == 1, (int)answer[3] == 1, (string?)answer[4] ?? "", TimeSpan.FromMicroseconds((double)Number(answer[5])));
    }

    private static decimal Number(RedisResult result) => decimal.Parse((string)result!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
