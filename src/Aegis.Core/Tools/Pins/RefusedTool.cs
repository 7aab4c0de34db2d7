namespace Aegis.Tools;

/// <summary>A tool that is not offered to the model, because it is not what was approved.</summary>
/// <param name="Pin">The tool as it is now: what <see cref="AegisTools.ApproveAsync(ToolPin, CancellationToken)"/> takes.</param>
/// <param name="Rule">Why: <c>tool/changed</c>, <c>tool/shadowed</c>, <c>tool/look-alike</c>, <c>tool/unpinned</c> or <c>tool/pins-unreadable</c>.</param>
/// <param name="Detail">The same in words.</param>
public sealed record RefusedTool(ToolPin Pin, string Rule, string? Detail);
