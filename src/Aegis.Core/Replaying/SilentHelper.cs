namespace Aegis.Replaying;

/// <summary>Stands where somebody was asked then. Nobody asks it: the tape answers.</summary>
internal sealed class SilentHelper : IJudge, IExtractor, IApprover
{
    public ValueTask<JudgeReply> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken) => throw new DivergedException("a judge is asked");

    public ValueTask<ExtractorReply> ExtractAsync(ExtractionRequest request, CancellationToken cancellationToken) => throw new DivergedException("a sandbox is asked");

    public ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken) => throw new DivergedException("a person is asked");
}
