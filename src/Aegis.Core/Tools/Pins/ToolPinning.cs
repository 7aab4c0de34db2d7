using System.Runtime.CompilerServices;
using Aegis.Policies;

namespace Aegis.Tools;

/// <summary>What a guard knows of pins: the store, what was read of it last, and which tools are refused now. Thread-safe, bounded.</summary>
internal sealed class ToolPinning(IToolPinStore store)
{
    /// <summary>Pins of one store, at most; a tool beyond them is not approved.</summary>
    public const int MaxPins = 4_096;

    private const int MaxRefused = 256;

    private readonly ConditionalWeakTable<object, Print> _prints = [];
    private readonly List<RefusedTool> _refused = [];
    private readonly Lock _refusing = new();
    private ToolPinIndex? _index;

    /// <summary>Tools that were not as approved when they were offered last, the oldest first.</summary>
    public IReadOnlyList<RefusedTool> Refused
    {
        get
        {
            lock (_refusing)
            {
                return [.. _refused];
            }
        }
    }

    /// <summary>What the pins say of a set. Tools that are seen for the first time are approved here, if the policy trusts first use: all of them, or, when two sets come at once, those of the first.</summary>
    public async ValueTask<PinnedTools> ReadAsync(Toolset tools, ToolIntegrityMode mode, CancellationToken cancellationToken)
    {
        var index = IndexOf(await store.ReadAsync(cancellationToken));
        if (tools.Pinned is { } known && ReferenceEquals(known.Index, index) && known.Mode == mode)
        {
            return known;
        }

        var entries = tools.Entries.Select(entry => (entry, PinOf(entry.Tool))).ToList();
        var pinned = new PinnedTools(entries, index, mode, isFull: false);
        if (pinned.Fresh.Count > 0)
        {
            index = IndexOf(await store.UpdateAsync(pins => With(pins, new PinnedTools(entries, new(pins), mode, isFull: false).Fresh), cancellationToken));
            pinned = new(entries, index, mode, isFull: true);
        }

        return tools.Pinned = pinned;
    }

    /// <summary>From now on a tool is this.</summary>
    public async ValueTask ApproveAsync(ToolPin pin, CancellationToken cancellationToken)
    {
        await store.UpdateAsync(
            pins => pins.FirstOrDefault(other => other.Key == pin.Key) is not { } known ? With(pins, [pin])
                : string.Equals(known.Hash, pin.Hash, StringComparison.Ordinal) ? pins
                : [.. pins.Select(other => ReferenceEquals(other, known) ? pin : other)],
            cancellationToken);
        lock (_refusing)
        {
            _refused.RemoveAll(refused => refused.Pin.Key == pin.Key);
        }
    }

    public async ValueTask<bool> HasAsync(ToolPin pin, CancellationToken cancellationToken) =>
        (await store.ReadAsync(cancellationToken)).Any(other => other.Key == pin.Key && string.Equals(other.Hash, pin.Hash, StringComparison.Ordinal));

    /// <summary>The pin of a tool as it is now; null: it cannot be read.</summary>
    public ToolPin? PinOf(ToolInfo tool)
    {
        try
        {
            if (tool.Source is not { } source)
            {
                return ToolPin.Of(tool);
            }

            if (!_prints.TryGetValue(source, out var print) || !print.IsOf(tool))
            {
                print = new(tool, ToolPin.Of(tool));
                _prints.AddOrUpdate(source, print);
            }

            return print.Pin;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)   // a document that was disposed among them
        {
            return null;
        }
    }

    /// <summary>Takes down which tools of a set are refused. Gives those that were not before.</summary>
    public IReadOnlyList<(string Tool, Finding Finding)> Hear(Toolset tools, PinnedTools? pinned, Finding? broken)
    {
        var refused = pinned is null
            ? tools.Entries.Select(entry => (Pin: PinOf(entry.Tool), entry.Tool, Finding: broken!)).ToList()
            : [.. pinned.Refused, .. tools.ShadowedTools.Select(tool => (PinOf(tool), tool, Finding.Block(ToolIntegrityGuard.Shadowed, Toolset.WhyShadowed)))];
        lock (_refusing)
        {
            if (refused.Count + _refused.Count == 0)
            {
                return [];
            }

            var current = refused.Select(static tool => (tool.Pin?.Key, tool.Pin?.Hash, tool.Finding.Rule)).ToHashSet();
            var seen = tools.Entries.Select(entry => PinOf(entry.Tool)).Select(static pin => (pin?.Key, pin?.Hash)).ToHashSet();
            _refused.RemoveAll(before => seen.Contains((before.Pin.Key, before.Pin.Hash)) && !current.Contains((before.Pin.Key, before.Pin.Hash, before.Rule)));
            var known = _refused.Select(static before => (before.Pin.Key, before.Pin.Hash, before.Rule)).ToHashSet();
            var news = new List<(string, Finding)>();
            foreach (var (pin, tool, finding) in refused)
            {
                if (pin is null || known.Add((pin.Key, pin.Hash, finding.Rule)))
                {
                    news.Add((tool.Name, finding));
                    if (pin is not null)
                    {
                        _refused.Add(new(pin, finding.Rule, finding.Detail));
                    }
                }
            }

            _refused.RemoveRange(0, Math.Max(0, _refused.Count - MaxRefused));
            return news;
        }
    }

    private static IReadOnlyList<ToolPin> With(IReadOnlyList<ToolPin> pins, IReadOnlyList<ToolPin> fresh) =>
        Math.Min(fresh.Count, MaxPins - pins.Count) is > 0 and var room ? [.. pins, .. fresh.Take(room)] : pins;

    private ToolPinIndex IndexOf(IReadOnlyList<ToolPin> pins)
    {
        var index = Volatile.Read(ref _index);
        if (!ReferenceEquals(index?.Pins, pins))
        {
            Volatile.Write(ref _index, index = new(pins));
        }

        return index!;
    }

    /// <summary>A tool that was looked at, so that its schema is hashed once.</summary>
    private sealed record Print(ToolInfo Tool, ToolPin Pin)
    {
        public bool IsOf(ToolInfo tool) =>
            string.Equals(tool.Name, Tool.Name, StringComparison.Ordinal) && string.Equals(tool.Server, Tool.Server, StringComparison.Ordinal)
            && string.Equals(tool.Description, Tool.Description, StringComparison.Ordinal) && string.Equals(tool.Title, Tool.Title, StringComparison.Ordinal)
            && (tool.Kind, tool.Destructive, tool.ReadOnly, tool.Idempotent, tool.OpenWorld) == (Tool.Kind, Tool.Destructive, Tool.ReadOnly, Tool.Idempotent, Tool.OpenWorld)
            && ToolFingerprint.SameSchema(tool.Schema, Tool.Schema);
    }
}
