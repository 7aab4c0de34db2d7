namespace Aegis.Replaying;

/// <summary>What came of the replay of one record.</summary>
/// <param name="Outcome">How it compares.</param>
/// <param name="Why">Why it was not replayed, or what is different, in words; null: it is the same.</param>
internal sealed record ReplayResult(ReplayOutcome Outcome, string? Why = null)
{
    /// <summary>What was decided then; null: nobody knows.</summary>
    public (Verdict Verdict, Decision Decision)? Recorded { get; init; }

    /// <summary>What is decided now; null: nothing.</summary>
    public (Verdict Verdict, Decision Decision)? Replayed { get; init; }

    /// <summary>Whether another policy or other rules decide now than then.</summary>
    public bool IsWhatIf { get; init; }

    /// <summary>Whether nothing that is given here would make it be replayed.</summary>
    public bool IsNever { get; init; }

    public const string NothingKept = "nothing was kept for a replay: audit.content";

    public static ReplayResult Not(string why) => new(ReplayOutcome.NotReplayed, why);
}
