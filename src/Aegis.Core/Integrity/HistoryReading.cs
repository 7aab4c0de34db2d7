namespace Aegis.Integrity;

/// <summary>What came of verifying a conversation.</summary>
/// <param name="Chain">Over all of its messages, up to the first that cannot be written down.</param>
/// <param name="Findings">Why it is not to be trusted; empty: it is what was said.</param>
/// <param name="Forged">The parts that nobody vouches for, by message and place in it; empty when all that is there was said, and something is missing.</param>
internal sealed record HistoryReading(HistoryChain Chain, IReadOnlyList<Finding> Findings, IReadOnlyList<(int Message, int Part)> Forged)
{
    /// <summary>Whether the session has gone on since what was verified of it.</summary>
    public bool IsOlder { get; init; }

    /// <summary>Whether the last messages are new words of a user.</summary>
    public bool BeginsTurn { get; init; }
}
