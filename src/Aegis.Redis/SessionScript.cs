namespace Aegis;

/// <summary>
/// All that is ever asked of Redis about a session, in one round trip: is it still what this instance knows? If it is, write it anew, where there is something
/// to write; if not, what is it? And what time is it? A stored session begins with its stamp.
/// </summary>
internal static class SessionScript
{
    /// <summary>The script. KEYS: the session. ARGV: expected stamp; what to write, '' for nothing; how long to keep it from now in milliseconds, 0 for ever, or with nothing to write as long as before; the channel; what to say there when it was written; what to say there in any case; what time it is for whoever writes, in seconds. Answers 1 where it is the expected one, 2 where that time is long past and nothing was written.</summary>
    public const string Text = """
        local time = redis.call('TIME')
        if ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[6]) end
        if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return {0, redis.call('GET', KEYS[1]) or '', time[1], time[2]} end
        if ARGV[2] ~= '' and tonumber(time[1]) - tonumber(ARGV[7]) > 1 then return {2, '', time[1], time[2]} end
        if ARGV[2] ~= '' then
          if ARGV[3] == '0' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
          if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
        elseif ARGV[3] ~= '0' then
          redis.call('PEXPIRE', KEYS[1], ARGV[3])
        end
        return {1, '', time[1], time[2]}
        """;
}
