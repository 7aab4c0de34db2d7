namespace Aegis.Media;

/// <summary>Text that was read with doubt raises the risk.</summary>
internal sealed class MediaGuard : IGuard<UserInput>, IGuard<ToolResult>
{
    public const string LowConfidence = "media/low-confidence";

    /// <summary>A picture cannot go on without a part of what is written in it.</summary>
    public const string NotRedactable = "media/not-redactable";

    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken) => Judge(subject);

    public ValueTask<Verdict> InspectAsync(ToolResult subject, GuardContext context, CancellationToken cancellationToken) => Judge(subject);

    private static ValueTask<Verdict> Judge(TextSubject subject) =>
        new(subject.MediaRisk is > 0 and var risk ? Verdict.Of(new Finding(LowConfidence, Decision.Flag, risk) { Detail = "input.media.minConfidence", Category = "media", Owasp = ["LLM01:2025"] }) : Verdict.None);
}
