namespace Aegis.Core.Tests.Judging;

/// <summary>A judge that says what a test says, and remembers what it was asked.</summary>
internal sealed class FakeJudge(Func<JudgeQuestion, CancellationToken, ValueTask<JudgeReply>> says) : IJudge
{
    private readonly List<JudgeQuestion> _questions = [];

    public FakeJudge(JudgeVerdict verdict, double confidence = 1)
        : this((_, _) => new(new JudgeReply(verdict, confidence)))
    {
    }

    public IReadOnlyList<JudgeQuestion> Questions
    {
        get
        {
            lock (_questions)
            {
                return [.. _questions];
            }
        }
    }

    public TokenUsage Estimated { get; init; }

    public TokenUsage Estimate(JudgeQuestion question) => Estimated;

    public ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken)
    {
        lock (_questions)
        {
            _questions.Add(question);
        }

        return says(question, cancellationToken);
    }
}
