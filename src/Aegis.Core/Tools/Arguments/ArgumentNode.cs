namespace Aegis.Tools.Arguments;

/// <summary>The rules at one place of a tool's arguments, and the places below it.</summary>
internal sealed class ArgumentNode
{
    private readonly Dictionary<string, ArgumentNode> _names = new(StringComparer.OrdinalIgnoreCase);   // some frameworks find parameters so

    /// <summary>The rules on a value here.</summary>
    public List<ArgumentRule> Rules { get; } = [];

    /// <summary>The places below that have a name.</summary>
    public IReadOnlyDictionary<string, ArgumentNode> Names => _names;

    /// <summary>The place of every member or item, or null.</summary>
    public ArgumentNode? Any { get; private set; }

    public bool IsLeaf => _names.Count == 0 && Any is null;

    /// <summary>A name that goes on from here, for messages.</summary>
    public string Member { get; private set; } = "";

    /// <summary>The place at the end of a path. Only while a policy is compiled.</summary>
    public ArgumentNode At(ReadOnlySpan<string?> path, string member)
    {
        if (path.IsEmpty)
        {
            return this;
        }

        Member = member;
        ArgumentNode? next;
        if (path[0] is not { } name)
        {
            next = Any ??= new();
        }
        else if (!_names.TryGetValue(name, out next))
        {
            _names[name] = next = new();
        }

        return next.At(path[1..], member);
    }
}
