namespace Aegis;

/// <summary>
/// All that is ever asked of Redis about an alert rule, in one round trip. Counts are stamps in a sorted set of threshold + 1 at most: exact. Sums are kept in 64 parts
/// of the window, each of which leaves when its end has: something may count one part too long, never too short.
/// </summary>
internal static class AlertScript
{
    /// <summary>The script. KEYS: window, cooldown, open alert, whether that alert was said to be over. ARGV: 'count' or 'look'; 'count', 'cost' or 'share'; window in microseconds; threshold, of sums in millionths; least number; amount; what it is a share of beside; cooldown in milliseconds; id of the alert that begins if none is open, or that may be over; an id that nothing else has.</summary>
    public const string Text = """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local length, threshold, amount, rest = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[6]), tonumber(ARGV[7])
        local whole = function(number) return string.format('%.0f', number) end
        local counted, others, first = 0, 0, now
        if ARGV[2] == 'count' then
          for i = 1, math.min(amount, threshold + 1) do redis.call('ZADD', KEYS[1], whole(now), ARGV[10] .. ':' .. i) end
          redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now - length))
          redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(threshold + 2))
          counted = redis.call('ZCARD', KEYS[1])
          local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
          if oldest[2] then first = tonumber(oldest[2]) end
        else
          local part = math.max(1, math.floor(length / 64))
          local slice = whole(math.floor(now / part))
          if amount > 0 then redis.call('HINCRBY', KEYS[1], 'a' .. slice, whole(amount)) end
          if rest > 0 then redis.call('HINCRBY', KEYS[1], 'b' .. slice, whole(rest)) end
          local all = redis.call('HGETALL', KEYS[1])
          for i = 1, #all, 2 do
            local ends = (tonumber(string.sub(all[i], 2)) + 1) * part
            if ends <= now - length then
              redis.call('HDEL', KEYS[1], all[i])
            else
              first = math.min(first, ends)
              if string.sub(all[i], 1, 1) == 'a' then counted = counted + tonumber(all[i + 1]) else others = others + tonumber(all[i + 1]) end
            end
          end
        end
        redis.call('PEXPIRE', KEYS[1], whole(math.ceil(length / 1000) + math.ceil(length / 64000) + 1))
        local exceeds = counted > threshold
        if ARGV[2] == 'share' then exceeds = counted + others >= tonumber(ARGV[5]) and counted * 1000000 > threshold * (counted + others) end
        local claimed, alert = 0, redis.call('GET', KEYS[3]) or ''
        local keep = whole(2 * (tonumber(ARGV[8]) + math.ceil(length / 1000)) + 60000)
        if ARGV[1] == 'look' then
          if not exceeds then
            if redis.call('SET', KEYS[4], '1', 'NX', 'PX', keep) then claimed = 1 end
            if alert == ARGV[9] then redis.call('DEL', KEYS[3]) end
          end
        elseif exceeds and redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[8]) then
          claimed = 1
          if alert == '' then alert = ARGV[9] end
          redis.call('SET', KEYS[3], alert, 'PX', keep)
        end
        return {whole(counted), whole(others), exceeds and 1 or 0, claimed, alert, whole(math.max(1000, first + length - now))}
        """;
}
