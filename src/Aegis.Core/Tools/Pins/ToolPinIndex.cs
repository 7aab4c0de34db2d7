using System.Collections.Frozen;

namespace Aegis.Tools;

/// <summary>Pins, found by what a tool may be taken for.</summary>
internal sealed class ToolPinIndex
{
    private readonly FrozenDictionary<(string Server, string Name), ToolPin> _exact;
    private readonly ILookup<string, ToolPin> _bySkeleton;
    private readonly ILookup<(string Server, string Content), ToolPin> _byContent;

    public ToolPinIndex(IReadOnlyList<ToolPin> pins)
    {
        Pins = pins;
        _exact = pins.DistinctBy(static pin => pin.Key).ToFrozenDictionary(static pin => pin.Key);
        _bySkeleton = pins.ToLookup(static pin => SkeletonOf(ToolName.Of(pin.Name)), StringComparer.Ordinal);
        _byContent = pins.ToLookup(static pin => (pin.Server, pin.Content));
    }

    /// <summary>The list that this was made of.</summary>
    public IReadOnlyList<ToolPin> Pins { get; }

    /// <summary>Whether a tool has a pin, whatever it says.</summary>
    public bool Has(ToolPin tool) => _exact.ContainsKey(tool.Key);

    /// <summary>What speaks against a tool; null: it is as it was pinned, or nothing is known of it.</summary>
    /// <param name="tool">The tool as it is now.</param>
    /// <param name="info">The same, in words.</param>
    /// <param name="isOwner">Whether the policy says that tools of this name come from this server.</param>
    /// <param name="isOffered">Whether the tool of a pin is still there.</param>
    public Finding? Against(ToolPin tool, ToolInfo info, bool isOwner, Func<ToolPin, bool> isOffered)
    {
        if (_exact.TryGetValue(tool.Key, out var pin))
        {
            return string.Equals(pin.Hash, tool.Hash, StringComparison.Ordinal) ? null
                : Finding.Block(ToolIntegrityGuard.Changed, "its description, schema or annotations are not those that were approved");
        }

        var plain = PlainOf(tool.Name);
        foreach (var other in _bySkeleton[SkeletonOf(ToolName.Of(tool.Name))])
        {
            var isSameServer = string.Equals(other.Server, tool.Server, StringComparison.Ordinal);
            if (isSameServer || (!isOwner && !string.Equals(PlainOf(other.Name), plain, StringComparison.Ordinal)))
            {
                return Finding.Block(ToolIntegrityGuard.LookAlike, "its name looks like the one of a tool that was approved");
            }

            if (!isOwner)
            {
                return Finding.Block(ToolIntegrityGuard.Shadowed, "another server's tool of this name was approved; the policy can say whose it is: tools.<name>.server");
            }
        }

        return !string.IsNullOrWhiteSpace(info.Description) && _byContent[(tool.Server, tool.Content)].Any(other => !isOffered(other))
            ? Finding.Block(ToolIntegrityGuard.Changed, "a tool that was approved has come back under this name")
            : null;
    }

    /// <summary>The name as people read it at a glance, with one separator; look-alikes among ASCII characters count here, where no permission hangs on them.</summary>
    internal static string SkeletonOf(ToolName name) =>
        Glob.Folded(name.Skeleton).Replace("rn", "m", StringComparison.Ordinal).Replace("vv", "w", StringComparison.Ordinal).Replace('0', 'o').Replace('1', 'l');

    private static string PlainOf(string name) => Glob.Folded(ToolName.Of(name).Plain);
}
