namespace Aegis.Replaying;

/// <summary>How a replay compares with what was recorded.</summary>
internal enum ReplayOutcome
{
    /// <summary>The whole verdict is the same, bit for bit.</summary>
    Same,

    /// <summary>What was decided of tools and budgets is the same; what guards said of texts was taken from the record.</summary>
    SameWithoutTexts,

    /// <summary>It is another verdict.</summary>
    Different,

    /// <summary>It could not be replayed.</summary>
    NotReplayed,
}
