using System.Collections.Frozen;
using Aegis.Policies;

namespace Aegis.Tools;

/// <summary>What the pins say of a set of tools.</summary>
internal sealed class PinnedTools
{
    private readonly FrozenDictionary<string, Finding> _refused;
    private readonly FrozenSet<(string Server, string Name)> _offered;
    private readonly ToolPinIndex _index;
    private readonly ToolIntegrityMode _mode;

    /// <param name="tools">The tools, each with its pin; null where there can be none.</param>
    /// <param name="index">What was approved.</param>
    /// <param name="mode">What becomes of a tool that nobody has approved.</param>
    /// <param name="isFull">Whether no more can be approved.</param>
    public PinnedTools(IReadOnlyList<(Toolset.Entry Entry, ToolPin? Pin)> tools, ToolPinIndex index, ToolIntegrityMode mode, bool isFull)
    {
        (_index, _mode) = (index, mode);
        var pins = tools.Select(static tool => tool.Pin).OfType<ToolPin>().ToList();
        _offered = pins.Select(static pin => pin.Key).ToFrozenSet();
        var ambiguous = pins.DistinctBy(static pin => (pin.Key, pin.Hash)).CountBy(static pin => pin.Key).Where(static count => count.Value > 1).Select(static count => count.Key).ToHashSet();
        var refused = new Dictionary<string, Finding>(StringComparer.Ordinal);
        var fresh = new List<ToolPin>();
        foreach (var (entry, pin) in tools)
        {
            var finding = pin is null ? Unreadable
                : ambiguous.Contains(pin.Key) ? Finding.Block(ToolIntegrityGuard.LookAlike, "two tools of one server have names that only separators tell apart")
                : Against(pin, entry, isFull);
            if (finding is not null)
            {
                refused[entry.Tool.Name] = finding;
                Refused.Add((pin, entry.Tool, finding));
            }
            else if (!index.Has(pin!))
            {
                fresh.Add(pin!);
            }
        }

        _refused = refused.ToFrozenDictionary(StringComparer.Ordinal);
        Fresh = [.. fresh.DistinctBy(static pin => pin.Key)];
    }

    private static Finding Unreadable => Finding.Block(ToolIntegrityGuard.Unpinned, "its definition cannot be read");

    public ToolPinIndex Index => _index;

    public ToolIntegrityMode Mode => _mode;

    /// <summary>Tools that are seen for the first time and against which nothing speaks.</summary>
    public IReadOnlyList<ToolPin> Fresh { get; }

    public List<(ToolPin? Pin, ToolInfo Tool, Finding Finding)> Refused { get; } = [];

    /// <summary>What speaks against a tool of the set.</summary>
    public Finding? Against(string name) => _refused.GetValueOrDefault(name);

    /// <summary>What speaks against a tool that is about to run: it may be another one than the set has under its name.</summary>
    public Finding? Against(ToolPin? running, Toolset.Entry? entry) => running is null || entry is null ? Unreadable : Against(running, entry, isFull: true);

    private Finding? Against(ToolPin pin, Toolset.Entry entry, bool isFull) =>
        _index.Against(pin, entry.Tool, entry.Rules.Declared?.Server is { } owner && string.Equals(owner, pin.Server, StringComparison.Ordinal) && !ToolName.Of(pin.Name).IsLookAlike, other => _offered.Contains(other.Key))
        ?? (_index.Has(pin) ? null
            : _mode == ToolIntegrityMode.Pinned ? Finding.Block(ToolIntegrityGuard.Unpinned, "nobody has approved it, and toolIntegrity.mode is 'pinned'")
            : isFull ? Finding.Block(ToolIntegrityGuard.Unpinned, FormattableString.Invariant($"there are {ToolPinning.MaxPins} pins already"))
            : null);
}
