namespace Aegis.Tools;

/// <summary>A call runs the tool that was approved. What the pins say was read before the guards were asked.</summary>
internal sealed class ToolIntegrityGuard : IGuard<ToolCall>
{
    public const string Changed = "tool/changed";
    public const string Shadowed = "tool/shadowed";
    public const string LookAlike = "tool/look-alike";
    public const string Unpinned = "tool/unpinned";
    public const string Unreadable = "tool/pins-unreadable";

    /// <summary>Whether a rule is about pins.</summary>
    public static bool IsRule(string? rule) => rule is Changed or Shadowed or LookAlike or Unpinned or Unreadable;

    public ValueTask<Verdict> InspectAsync(ToolCall subject, GuardContext context, CancellationToken cancellationToken) =>
        new(context.Integrity is { } finding ? Verdict.Of(finding) : Verdict.None);
}
