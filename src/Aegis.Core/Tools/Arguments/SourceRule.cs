using Aegis.Policies;

namespace Aegis.Tools.Arguments;

/// <summary>Where the values of one argument may come from, compiled. Immutable.</summary>
internal sealed class SourceRule
{
    private const string UserWord = "user";
    private const string SystemWord = "system";

    private readonly string?[] _path;
    private readonly GlobIndex _tools;

    public SourceRule(string?[] path, IReadOnlyList<string> from, string member, bool asks)
    {
        (_path, Member, Asks) = (path, member, asks);
        IsFromUser = from.Any(static source => Canonical(source) == UserWord);
        IsFromSystem = from.Any(static source => Canonical(source) == SystemWord);
        _tools = new(from.Where(static source => Canonical(source) is not (UserWord or SystemWord)));
    }

    /// <summary>Where the rule stands in the policy.</summary>
    public string Member { get; }

    /// <summary>Whether a person may say yes to another value.</summary>
    public bool Asks { get; }

    /// <summary>Whether it may be what the user says.</summary>
    public bool IsFromUser { get; }

    /// <summary>Whether it may be what the host says.</summary>
    public bool IsFromSystem { get; }

    /// <summary>The form in which sources are compared.</summary>
    public static string Canonical(string source) => Glob.Canonical(source);

    /// <summary>The rules of an entry under <c>tools</c>.</summary>
    public static IEnumerable<SourceRule> Of(string glob, ToolPolicy tool) =>
        from entry in tool.Arguments
        where entry.Value.From is not null
        select new SourceRule(ArgumentPath.Parse(entry.Key)!, entry.Value.From!, $"tools['{glob}'].arguments['{entry.Key}'].from", entry.Value.Otherwise == Otherwise.Ask);

    /// <summary>Whether a value is the argument, or a part of it.</summary>
    public bool Covers(ArgumentLeaf leaf) => ArgumentPath.Covers(_path, leaf.Steps);

    /// <summary>Whether it may be what a tool returned.</summary>
    public bool IsFromTool(string tool) => ToolName.IsWellFormed(tool) && _tools.FirstPlain(ToolName.Of(tool)) is not null;
}
