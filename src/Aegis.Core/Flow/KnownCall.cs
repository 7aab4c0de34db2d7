using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>A call that ran, by which its result is known.</summary>
/// <param name="At">When: ticks that only grow in a session.</param>
/// <param name="Call">Hash of tool and arguments.</param>
/// <param name="Tool">The tool's name.</param>
/// <param name="Effect">What the tool does.</param>
/// <param name="IsNamed">Whether the user named what it reads.</param>
internal readonly record struct KnownCall(long At, ulong Call, string Tool, ToolEffect Effect, bool IsNamed)
{
    public bool Is(ulong call, string tool) => Call == call && call != 0 && string.Equals(Tool, tool, StringComparison.Ordinal);
}
