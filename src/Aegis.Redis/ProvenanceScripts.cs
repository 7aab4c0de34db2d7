namespace Aegis;

/// <summary>What is asked of Redis about a log of provenance, in one round trip each. A stored log is 16 bytes of generation, and its entries behind them.</summary>
internal static class ProvenanceScripts
{
    /// <summary>Bytes of a generation.</summary>
    public const int GenerationLength = 16;

    /// <summary>KEYS: the log. ARGV: generation and offset that were read, how long to keep it in milliseconds. Answers the generation, the length of the log without it, and what stands behind the offset.</summary>
    public const string Read = """
        local generation = redis.call('GETRANGE', KEYS[1], 0, 15)
        if generation == '' then return {'', 0, ''} end
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        local from = 16
        if generation == ARGV[1] then from = 16 + tonumber(ARGV[2]) end
        return {generation, redis.call('STRLEN', KEYS[1]) - 16, redis.call('GETRANGE', KEYS[1], from, -1)}
        """;

    /// <summary>KEYS: the log. ARGV: the generation that is meant, '' for none; that of a new one; the bytes; how long to keep it in milliseconds. Answers the generation and the new length, or nothing.</summary>
    public const string Append = """
        local generation = redis.call('GETRANGE', KEYS[1], 0, 15)
        if generation ~= ARGV[1] then return {} end
        if generation == '' then redis.call('SET', KEYS[1], ARGV[2] .. ARGV[3]) generation = ARGV[2] else redis.call('APPEND', KEYS[1], ARGV[3]) end
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return {generation, redis.call('STRLEN', KEYS[1]) - 16}
        """;

    /// <summary>KEYS: the log. ARGV: the generation and the length that are expected, '' and 0 for none; the generation of the new one; its bytes; how long to keep it in milliseconds. Answers the generation and the new length, or nothing.</summary>
    public const string Replace = """
        local generation = redis.call('GETRANGE', KEYS[1], 0, 15)
        if generation ~= ARGV[1] then return {} end
        if generation ~= '' and redis.call('STRLEN', KEYS[1]) - 16 ~= tonumber(ARGV[2]) then return {} end
        redis.call('SET', KEYS[1], ARGV[3] .. ARGV[4], 'PX', ARGV[5])
        return {ARGV[3], string.len(ARGV[4])}
        """;
}
