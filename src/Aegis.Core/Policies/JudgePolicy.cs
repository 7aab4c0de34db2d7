namespace Aegis.Policies;

/// <summary>
/// When a judge (<see cref="IJudge"/>) is asked for a second opinion, and what becomes of its answer. It is asked when the risk so far lies from
/// <see cref="TriggerThreshold"/> up to a block. What it approves goes on as the rules say; a text that it rejects is blocked, a call that it rejects is flagged, asked about
/// or blocked as <see cref="AlignmentPolicy.Strictness"/> says, which also chooses its criteria.
/// </summary>
public sealed record JudgePolicy
{
    /// <summary>Risk from which it is asked, above 0 and below the block line.</summary>
    /// <value>0.7.</value>
    public double TriggerThreshold { get; init; } = 0.7;

    /// <summary>Where it is asked. An answer is also judged for what the run has read and no judge has seen.</summary>
    /// <value>Everywhere.</value>
    public IReadOnlyList<JudgeScope> Checkpoints { get; init; } = [JudgeScope.Input, JudgeScope.ToolCalls, JudgeScope.ToolResults, JudgeScope.Output];

    /// <summary>Whether it says in a person's place if a call serves the user's request: what it approves runs, what it rejects does not. Tools of <see cref="CapabilityPolicy.RequireApproval"/> and rules that ask stay with people.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AnswersQuestions { get; init; }

    /// <summary>Confidence below which an approval is none.</summary>
    /// <value>0.5.</value>
    public double MinConfidence { get; init; } = 0.5;

    /// <summary>Time that an answer may take, with everything that is tried again.</summary>
    /// <value>3 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What happens when there is no clear answer: it is late, malformed, unsure or unclear, the judge cannot be reached, or its budget is spent.</summary>
    /// <value><see cref="JudgeFailure.Block"/>.</value>
    public JudgeFailure OnFailure { get; init; }

    /// <summary>How often it is asked in one run, sub-agents included, at most. What it has answered already is not asked again.</summary>
    /// <value>3.</value>
    public int MaxCallsPerRun { get; init; } = 3;

    /// <summary>Characters of a text that it is shown, at most: of a longer one the part around what was found in it, and where that cannot be said it is not asked, which is no clear answer.</summary>
    /// <value>8,000.</value>
    public int MaxLength { get; init; } = 8_000;
}
