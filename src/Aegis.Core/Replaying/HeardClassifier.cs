namespace Aegis.Replaying;

/// <summary>A classifier whose answers are kept.</summary>
/// <param name="rule">Its rule.</param>
/// <param name="classifier">The classifier.</param>
internal sealed class HeardClassifier(string rule, ITextClassifier classifier) : ITextClassifier
{
    private readonly List<TextRisk> _answers = [];
    private int _asked;

    public string Rule => rule;

    /// <summary>All its answers; null: one is missing, because it threw or took too long.</summary>
    public IReadOnlyList<TextRisk>? Answers
    {
        get
        {
            lock (_answers)
            {
                return _answers.Count == _asked ? [.. _answers] : null;
            }
        }
    }

    public async ValueTask<TextRisk> ClassifyAsync(string text, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        lock (_answers)
        {
            _asked++;
        }

        var answer = await classifier.ClassifyAsync(text, checkpoint, cancellationToken).ConfigureAwait(false);
        lock (_answers)
        {
            _answers.Add(answer);
        }

        return answer;
    }
}
