using Aegis;
using Microsoft.Extensions.AI;

namespace JudgedAgent;

/// <summary>A judge over a chat client that remembers what it was shown.</summary>
internal sealed class Questions(IChatClient client) : IJudge
{
    private readonly ChatClientJudge _judge = new(client);
    private readonly List<string> _seen = [];

    public int Asked => _seen.Count;

    public string Seen => string.Join("; ", _seen);

    public TokenUsage Estimate(JudgeQuestion question) => _judge.Estimate(question);

    public ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken)
    {
        _seen.Add($"{question.Tool} {question.Text}");
        return _judge.JudgeAsync(question, cancellationToken);
    }
}
