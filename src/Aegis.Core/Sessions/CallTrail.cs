namespace Aegis;

/// <summary>The calls and results of a run, newest first, as hashes. A node without a result is a call.</summary>
internal sealed record CallTrail(ulong Call, ulong Result, CallTrail? Previous, int Length)
{
    private const int Kept = 128;

    /// <summary>Calls and results together, at most.</summary>
    public const int MaxLength = 2 * Kept;

    public static CallTrail Add(CallTrail? trail, ulong call, ulong result)
    {
        var previous = trail is { Length: >= MaxLength } ? trail.Newest(Kept) : trail;
        return new(call, result, previous, (previous?.Length ?? 0) + 1);
    }

    /// <summary>How often this call was made since its result last changed.</summary>
    public static int Repeats(CallTrail? trail, ulong call)
    {
        var repeats = 0;
        var result = 0UL;
        for (var node = trail; node is not null; node = node.Previous)
        {
            if (node.Call != call)
            {
                continue;
            }

            if (node.Result == 0)
            {
                repeats++;
            }
            else if (result == 0)
            {
                result = node.Result;
            }
            else if (result != node.Result)
            {
                break;
            }
        }

        return repeats;
    }

    private CallTrail? Newest(int count) => count == 0 ? null : this with { Previous = Previous?.Newest(count - 1), Length = Math.Min(count, Length) };
}
