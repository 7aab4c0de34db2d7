using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>Of three things an agent may do only two without a person: read what others wrote, read what is private, and send or change something.</summary>
internal static class RuleOfTwo
{
    /// <summary>Whether a person must be asked.</summary>
    /// <param name="labels">What the session has taken in, the call's own result included.</param>
    /// <param name="reach">How far the call goes.</param>
    /// <param name="isDeclassified">Whether the user asked for it and every destination is accounted for.</param>
    /// <param name="alwaysAsks">Whether that does not count.</param>
    public static bool Forbids(SessionLabels labels, ToolReach reach, bool isDeclassified, bool alwaysAsks) =>
        (labels & SessionLabels.Both) == SessionLabels.Both && reach >= ToolReach.Write && (alwaysAsks || !isDeclassified);
}
