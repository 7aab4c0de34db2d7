using System.Security.Cryptography;
using System.Text;

namespace Aegis.Judging;

/// <summary>A judge, and what it has answered lately. A question is known by all that the judge would see. Bounded; thread-safe.</summary>
internal sealed class JudgeDesk(IJudge judge)
{
    private const int Capacity = 4_096;

    private readonly Generations<UInt128, JudgeReply> _answers = new(Capacity);

    public JudgeRequests Requests { get; } = new();

    public IJudge Judge => judge;

    public bool TryGet(UInt128 key, out JudgeReply? reply) => _answers.TryGet(key, out reply);

    public void Remember(UInt128 key, JudgeReply reply) => _answers.Set(key, reply);

    /// <summary>128 bits of SHA-256 over every part with its length.</summary>
    public static UInt128 KeyOf(JudgeQuestion question)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)question.Checkpoint]);
        Add(question.Question);
        question.Criteria.ToList().ForEach(Add);
        Add(question.Text);
        Add(question.Tool);
        Add(question.ToolDescription);
        Add(question.Request);
        question.Rules.ToList().ForEach(Add);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetCurrentHash(bytes);
        return new(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]));

        void Add(string? part)
        {
            hash.AppendData(BitConverter.GetBytes(part?.Length ?? -1));
            hash.AppendData(Encoding.Unicode.GetBytes(part ?? ""));
        }
    }
}
