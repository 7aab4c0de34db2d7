using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Tools.Effects;

namespace Aegis.Tools;

/// <summary>The tools of a run. Immutable. Made by <see cref="AegisGuard.ToolsetOf"/>.</summary>
public sealed class Toolset
{
    /// <summary>No tools.</summary>
    public static readonly Toolset Empty = new([], [], [], [], [], null);

    internal const string WhyShadowed = "several servers offer this name, or not the one that the policy names: tools.<name>.server says whose it is";

    private readonly FrozenDictionary<string, Entry> _byName;
    private readonly FrozenSet<string> _skeletons;
    private readonly ImmutableArray<Entry> _byDanger;
    private readonly ImmutableArray<Entry> _offered;   // a set that was narrowed decays as the whole one does
    private readonly ImmutableArray<ToolInfo> _shadowed;
    private readonly ToolRules? _rules;
    private PinnedTools? _pinned;

    private Toolset(ImmutableArray<ToolInfo> tools, ImmutableArray<Entry> byDanger, ImmutableArray<Entry> offered, ImmutableArray<ToolInfo> shadowed, FrozenSet<string> skeletons, ToolRules? rules, AegisTasks? tasks = null)
    {
        Tools = tools;
        Tasks = tasks;
        _shadowed = shadowed;
        _rules = rules;
        _byDanger = byDanger;
        _offered = offered;
        _byName = byDanger.ToFrozenDictionary(static entry => entry.Tool.Name, StringComparer.Ordinal);
        _skeletons = skeletons;
    }

    /// <summary>The tools, in the order in which they were offered.</summary>
    public IReadOnlyList<ToolInfo> Tools { get; }

    /// <summary>The tasks that narrow what may be called of it; null: none.</summary>
    internal AegisTasks? Tasks { get; }

    internal ImmutableArray<Entry> Entries => _byDanger;

    /// <summary>Tools whose name another server offers too, or should alone.</summary>
    internal ImmutableArray<ToolInfo> ShadowedTools => _shadowed;

    /// <summary>What pins have said of this set; depends on nothing else, so that it is asked once.</summary>
    internal PinnedTools? Pinned
    {
        get => Volatile.Read(ref _pinned);
        set => Volatile.Write(ref _pinned, value);
    }

    /// <summary>All that were offered, the most dangerous first.</summary>
    internal ImmutableArray<Entry> Offered => _offered;

    /// <summary>The names that were offered, as eyes see them.</summary>
    internal IReadOnlyCollection<string> Skeletons => _skeletons;

    /// <summary>A set as it was, for a replay.</summary>
    /// <param name="offered">All tools; with the risk that was seen in them, where nothing else is known of them.</param>
    /// <param name="names">Names of those that stayed, in their order.</param>
    /// <param name="shadowed">Those that another server offers too.</param>
    /// <param name="skeletons">The names that were offered, as eyes see them.</param>
    /// <param name="rules">What the policy says of tools.</param>
    /// <param name="tasks">The tasks that narrow it.</param>
    internal static Toolset Restored(IReadOnlyList<(ToolInfo Tool, ToolRisk? Risk)> offered, IReadOnlyList<string> names, ImmutableArray<ToolInfo> shadowed, IEnumerable<string> skeletons, ToolRules rules, AegisTasks? tasks)
    {
        var entries = Ranked(offered.Select(one => new Entry(one.Tool, one.Risk is { } risk ? (risk, "") : rules.RiskOf(one.Tool), rules.For(one.Tool), TypesOf(one.Tool.Schema))));
        var byName = entries.ToDictionary(static entry => entry.Tool.Name, StringComparer.Ordinal);
        var kept = names.Select(name => byName[name].Tool).ToImmutableArray();
        return new(kept, [.. entries.Where(entry => kept.Contains(entry.Tool))], entries, shadowed, skeletons.ToFrozenSet(StringComparer.Ordinal), rules, tasks);
    }

    /// <param name="tools">The tools.</param>
    /// <param name="rules">What the policy says of tools.</param>
    /// <param name="runsElsewhere">Whether somebody else looks up by name what runs, in all that was offered: of two tools of one name it may be either then, whosever the policy says it is.</param>
    internal static Toolset Of(IEnumerable<ToolInfo> tools, ToolRules rules, bool runsElsewhere = false)
    {
        var offered = tools.Where(static tool => ToolName.IsWellFormed(tool.Name) && IsEnd(tool.LocalName, tool.Name)).ToArray();
        var shadowed = Shadowed(offered, rules, runsElsewhere);
        var rest = shadowed.IsEmpty ? offered : [.. offered.Where(tool => !shadowed.Contains(tool, ReferenceEqualityComparer.Instance))];
        var skeletons = rest.CountBy(static tool => ToolName.Of(tool.Name).Skeleton, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

        // Of two names that a person cannot tell apart, nobody knows which one the policy means: neither stays.
        var kept = rest.Where(tool => skeletons[ToolName.Of(tool.Name).Skeleton] == 1).ToImmutableArray();
        var byDanger = Ranked(kept.Select(tool => new Entry(tool, rules.RiskOf(tool), rules.For(tool), TypesOf(tool.Schema))));
        return new(kept, byDanger, byDanger, shadowed, offered.Select(static tool => ToolName.Of(tool.Name).Skeleton).ToFrozenSet(StringComparer.Ordinal), rules);
    }

    /// <summary>The tools whose name, by whatever separators and look-alikes, tools of several servers have, and those that come from another server than the policy says.</summary>
    private static ImmutableArray<ToolInfo> Shadowed(ToolInfo[] offered, ToolRules rules, bool runsElsewhere)
    {
        if (!Array.Exists(offered, tool => tool.Server is not null || rules.For(tool.Name).Declared?.Server is not null))
        {
            return [];
        }

        var foreign = offered.Where(tool => rules.For(tool.Name).Declared?.Server is { } owner && !string.Equals(owner, tool.Server ?? "", StringComparison.Ordinal)).ToList();
        if (runsElsewhere && foreign.Count > 0)
        {
            var names = foreign.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal);
            foreign = [.. offered.Where(tool => names.Contains(tool.Name))];
        }

        return
        [
            .. foreign,
            .. offered.Except(foreign, ReferenceEqualityComparer.Instance).Cast<ToolInfo>()
                .GroupBy(static tool => ToolPinIndex.SkeletonOf(ToolName.Of(tool.Name)), StringComparer.Ordinal)
                .Where(static tools => tools.DistinctBy(static tool => tool.Server ?? "", StringComparer.Ordinal).Skip(1).Any())
                .SelectMany(static tools => tools),
        ];
    }

    /// <summary>The risk of a tool of this set and the fact that decided.</summary>
    /// <param name="name">The tool's name.</param>
    /// <returns>The risk; <see cref="ToolRisk.High"/> for a tool that is not in the set.</returns>
    public (ToolRisk Level, string Reason) RiskOf(string name) => Find(name)?.Risk ?? (ToolRisk.High, "not offered");

    internal Entry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>What the policy says of a tool of this set; null when the set has no such tool, or when another guard made it.</summary>
    internal CompiledTool? RulesOf(string name, ToolRules rules) => ReferenceEquals(_rules, rules) ? Find(name)?.Rules : null;

    /// <summary>Whether a name looks like one on offer, or like several of them.</summary>
    internal bool LooksOffered(ToolName name) => _skeletons.Contains(name.Skeleton);

    /// <summary>Whether several servers offer a name, or one to which the policy does not give it.</summary>
    internal bool IsShadowed(ToolName name) => !_shadowed.IsEmpty && ToolPinIndex.SkeletonOf(name) is var skeleton && _shadowed.Any(tool => string.Equals(ToolPinIndex.SkeletonOf(ToolName.Of(tool.Name)), skeleton, StringComparison.Ordinal));

    /// <summary>The same tools, narrowed by tasks as well.</summary>
    internal Toolset For(AegisTasks? tasks) => AegisTasks.And(Tasks, tasks) is var both && ReferenceEquals(both, Tasks) ? this : new(Kept, _byDanger, _offered, _shadowed, _skeletons, _rules, both) { Pinned = Pinned };

    /// <summary>The tools against which nothing speaks.</summary>
    internal Toolset Without(Func<string, bool> isRefused) => Kept.Any(tool => isRefused(tool.Name)) ? Only([.. Kept.Where(tool => !isRefused(tool.Name))]) : this;

    /// <summary>
    /// How many of the most dangerous tools go when a fraction stays: ceil(n × fraction) stay, and of tools that do little harm at least one.
    /// </summary>
    internal int Dropped(double fraction)
    {
        var count = _offered.Length;
        var kept = (int)Math.Ceiling(count * (decimal)fraction);   // in binary, 0.07 of 100 is a little more than 7
        return kept == 0 && count > 0 && _offered[^1].Risk.Level == ToolRisk.Low ? count - 1 : count - kept;
    }

    /// <summary>The same tools as another policy sees them: a policy may have been reloaded since they were offered.</summary>
    internal Toolset Under(ToolRules rules)
    {
        if (ReferenceEquals(_rules, rules) || _offered.IsEmpty)
        {
            return this;
        }

        var whole = Of(_offered.Select(static entry => entry.Tool), rules);
        var kept = whole.Tools.Where(tool => Find(tool.Name) is not null).ToImmutableArray();
        return new(kept, kept.Length == whole.Tools.Count ? whole._byDanger : [.. whole._byDanger.Where(entry => kept.Contains(entry.Tool))], whole._offered, [.. whole._shadowed.Concat(_shadowed).Distinct()], _skeletons, rules, Tasks);
    }

    /// <summary>The tools that may be called and that decay leaves.</summary>
    internal Toolset Where(ToolRules rules, double fraction) => Under(rules).Narrowed(rules, fraction);

    /// <summary>A local name is the end of the whole one, behind a separator; what an app makes up is no name.</summary>
    private static bool IsEnd(string? local, string name) => local is null || string.Equals(local, name, StringComparison.Ordinal)
        || (local.Length > 0 && local.Length < name.Length && name.EndsWith(local, StringComparison.Ordinal) && !char.IsAsciiLetterOrDigit(name[^(local.Length + 1)]));

    private Toolset Narrowed(ToolRules rules, double fraction)
    {
        var dropped = Dropped(fraction);
        var kept = Tools.Where(tool => Find(tool.Name)!.Rank >= dropped && (RulesOf(tool.Name, rules) ?? rules.For(tool)).Capability != Decision.Block && Tasks?.Allows(tool.Name) != false).ToImmutableArray();
        return kept.Length == Tools.Count ? this : Only(kept);
    }

    private static ImmutableArray<Entry> Ranked(IEnumerable<Entry> entries) =>
        [.. entries.OrderByDescending(static entry => entry.Risk.Level).ThenBy(static entry => entry.Tool.Name, StringComparer.Ordinal).Select(static (entry, rank) => entry with { Rank = rank })];

    private ImmutableArray<ToolInfo> Kept => (ImmutableArray<ToolInfo>)Tools;

    private Toolset Only(ImmutableArray<ToolInfo> kept) => new(kept, [.. _byDanger.Where(entry => kept.Contains(entry.Tool))], _offered, _shadowed, _skeletons, _rules, Tasks);

    private static FrozenDictionary<string, JsonValueKind> TypesOf(JsonElement? schema)
    {
        var types = new Dictionary<string, JsonValueKind>(StringComparer.OrdinalIgnoreCase);
        if (schema is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String)
                {
                    var kind = type.GetString() switch
                    {
                        "integer" or "number" => JsonValueKind.Number,
                        "boolean" => JsonValueKind.True,
                        _ => JsonValueKind.Undefined,
                    };
                    if (kind != JsonValueKind.Undefined)
                    {
                        types[property.Name] = kind;
                    }
                }
            }
        }

        return types.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);   // some frameworks find parameters so
    }

    /// <summary>A tool with what follows from it.</summary>
    /// <param name="Tool">The tool.</param>
    /// <param name="Risk">Its risk and why.</param>
    /// <param name="Rules">What the policy says of it.</param>
    /// <param name="Types">Arguments that are numbers or booleans by the schema.</param>
    internal sealed record Entry(ToolInfo Tool, (ToolRisk Level, string Reason) Risk, CompiledTool Rules, FrozenDictionary<string, JsonValueKind> Types)
    {
        private ToolEffect? _effect;

        /// <summary>What it does, as far as it shows.</summary>
        public ToolEffect Effect => _effect ??= ToolEffectInference.Default.Of(Tool);

        /// <summary>Position in the order in which decay takes tools away, 0 first.</summary>
        public int Rank { get; init; }
    }
}
