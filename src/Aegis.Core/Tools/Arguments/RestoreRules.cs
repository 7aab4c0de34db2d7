using Aegis.Policies;

namespace Aegis.Tools.Arguments;

/// <summary>In which arguments of a tool which kinds of personal data stand as they are. Immutable.</summary>
internal sealed class RestoreRules
{
    /// <summary>Says: all kinds.</summary>
    public const string All = "*";

    private readonly (string?[] Path, IReadOnlyList<string> Types)[] _granted;
    private readonly string?[][] _addresses;

    private RestoreRules(IReadOnlyDictionary<string, ArgumentPolicy> arguments)
    {
        _granted = [.. arguments.Where(static entry => entry.Value.Restore.Count > 0).Select(static entry => (ArgumentPath.Parse(entry.Key)!, entry.Value.Restore))];
        _addresses = [.. arguments.Where(static entry => entry.Value.Url is not null).Select(static entry => ArgumentPath.Parse(entry.Key)!)];
    }

    /// <summary>The rules of an entry without mistakes; null when it grants nothing.</summary>
    public static RestoreRules? Of(ToolPolicy tool) => tool.Arguments.Values.Any(static argument => argument.Restore.Count > 0) ? new(tool.Arguments) : null;

    /// <summary>Whether values of a type may stand at a place. In a URL none may.</summary>
    /// <param name="steps">The names on the way to it.</param>
    /// <param name="type">The type as placeholders name it.</param>
    public bool Grants(IReadOnlyList<string?> steps, string type) =>
        Array.Exists(_granted, granted => ArgumentPath.Covers(granted.Path, steps) && granted.Types.Any(name => name == All || string.Equals(name, type, StringComparison.OrdinalIgnoreCase)))
        && !Array.Exists(_addresses, path => ArgumentPath.Covers(path, steps));
}
