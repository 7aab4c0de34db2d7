namespace Aegis;

/// <summary>
/// What a judge is asked, and all that it may see. <see cref="Question"/> and <see cref="Criteria"/> are Aegis' own words; everything else was written by users,
/// tools or models. In those texts personal data and secrets stand behind numbered labels, the same value behind the same label, and lone surrogates are replaced.
/// </summary>
/// <param name="Checkpoint">Where in the loop.</param>
/// <param name="Question">The question.</param>
/// <param name="Criteria">What decides it.</param>
/// <param name="Text">What is judged: a text, or a call's arguments as JSON.</param>
public sealed record JudgeQuestion(Checkpoint Checkpoint, string Question, IReadOnlyList<string> Criteria, string Text)
{
    /// <summary>The tool that is called, or that returned the text.</summary>
    /// <value><see langword="null"/>: none.</value>
    public string? Tool { get; init; }

    /// <summary>What the tool says it does.</summary>
    /// <value><see langword="null"/>: nothing, or it is not known.</value>
    public string? ToolDescription { get; init; }

    /// <summary>What the user asked for last.</summary>
    /// <value><see langword="null"/>: it is what is judged, or it is not known.</value>
    public string? Request { get; init; }

    /// <summary>Ids of the rules that found something in it.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Characters of all texts together.</summary>
    public int Length => Question.Length + Criteria.Sum(static line => line.Length) + Text.Length + (Tool?.Length ?? 0) + (ToolDescription?.Length ?? 0) + (Request?.Length ?? 0) + Rules.Sum(static rule => rule.Length);
}
