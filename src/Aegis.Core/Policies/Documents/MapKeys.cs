using Aegis.Tools;
using Aegis.Tools.Arguments;

namespace Aegis.Policies.Documents;

/// <summary>What the keys of a map are.</summary>
/// <param name="Kind">What each must be.</param>
/// <param name="Meant">The form in which two are compared.</param>
/// <param name="SameWhen">When two are the same, for messages.</param>
internal sealed record MapKeys(TextKind Kind, Func<string, string> Meant, string SameWhen)
{
    /// <summary>Globs over names; one that is none is itself.</summary>
    public static MapKeys Globs { get; } = new(TextKind.Glob, static name => ToolName.IsWellFormed(name) ? Glob.Canonical(name) : name, "neither case counts nor which of '-', '_' and '.' it is");

    /// <summary>Paths of arguments.</summary>
    public static MapKeys Arguments { get; } = new(ArgumentKinds.Path, ArgumentPath.Canonical, "case does not count");
}
