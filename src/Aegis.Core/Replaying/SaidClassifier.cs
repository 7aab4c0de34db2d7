namespace Aegis.Replaying;

/// <summary>A classifier that gives again what one has said.</summary>
/// <param name="rule">Its rule.</param>
/// <param name="answers">What it said.</param>
internal sealed class SaidClassifier(string rule, IEnumerable<TextRisk> answers) : ITextClassifier
{
    private readonly Queue<TextRisk> _answers = new(answers);

    public string Rule => rule;

    /// <summary>Whether it was asked about a text that it was not asked about then.</summary>
    public bool HasDiverged { get; private set; }

    public ValueTask<TextRisk> ClassifyAsync(string text, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        HasDiverged = HasDiverged || _answers.Count == 0;
        return HasDiverged ? throw new DivergedException("a classifier is asked about a text that it was not asked about then") : new(_answers.Dequeue());
    }
}
