using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Tools.Effects;

/// <summary>What a tool does, from data: the verbs of its name, else of its description, the nouns of both, the names of its arguments. What shows nothing counts as a change.</summary>
internal sealed class ToolEffectInference
{
    private const int MaxDescription = 400;
    private const int MaxChosen = 2;   // words

    private readonly FrozenSet<string> _reads;
    private readonly FrozenSet<string> _nameNouns;
    private readonly FrozenSet<string> _nameEnds;
    private readonly FrozenSet<string> _outward;
    private readonly FrozenSet<string> _directories;
    private readonly FrozenSet<string> _written;
    private readonly FrozenSet<string> _private;
    private readonly FrozenSet<string> _openVerbs;
    private readonly FrozenSet<string> _ownedIds;
    private readonly FrozenSet<string> _commands;
    private readonly FrozenSet<string> _correspondents;
    private readonly FrozenSet<string> _lines;
    private readonly FrozenSet<string> _members;
    private readonly FrozenSet<string> _writers;
    private readonly FrozenSet<string> _sensitive;
    private readonly FrozenSet<string> _aims;
    private readonly FrozenSet<string> _places;
    private readonly FrozenSet<string> _ids;
    private readonly FrozenSet<string> _actionArguments;
    private readonly FrozenDictionary<string, ArgumentRole> _roles;
    private readonly FrozenDictionary<string, string[]> _groups;
    private readonly FrozenDictionary<string, ToolAction[]> _byVerb;

    private ToolEffectInference(JsonElement data)
    {
        Data = new(data);
        _reads = Data.Set("reads");
        _nameNouns = Data.Set("nameNouns");
        _nameEnds = Data.Set("nameEnds");
        _outward = Data.Set("outward");
        _directories = Data.Set("directories");
        _written = Data.Set("written");
        _private = Data.Set("private");
        _openVerbs = Data.Set("openVerbs");
        _ownedIds = Data.Set("ownedIds");
        _commands = Data.Set("commands");
        _lines = Data.Set("lines");
        _members = Data.Set("members");
        _writers = Data.Set("writers");
        _correspondents = Data.Set("correspondents");
        var arguments = data.GetProperty("arguments");
        _sensitive = Data.Set("sensitive");
        _aims = Data.Set("aims");
        _places = Data.Set("places");
        _ids = EffectData.Set(arguments.GetProperty("id"));
        _actionArguments = EffectData.Set(arguments.GetProperty("action"));
        var roles = new Dictionary<string, ArgumentRole>(StringComparer.Ordinal);
        Add(ArgumentRole.Plain, arguments.GetProperty("plain"));
        Add(ArgumentRole.Content, arguments.GetProperty("content"));
        Add(ArgumentRole.Path, arguments.GetProperty("path"));
        var destination = arguments.GetProperty("destination");
        Add(ArgumentRole.App, destination.GetProperty("app"));
        Add(ArgumentRole.Channel, destination.GetProperty("channel"));
        Add(ArgumentRole.Host, destination.GetProperty("host"));
        Add(ArgumentRole.Account, destination.GetProperty("account"));
        Add(ArgumentRole.Recipient, destination.GetProperty("recipient"));
        _roles = roles.ToFrozenDictionary(StringComparer.Ordinal);
        Actions = [.. data.GetProperty("actions").EnumerateObject().Select(static action => new ToolAction(
            action.Name,
            action.Value.GetProperty("effect").GetString() switch { "egress" => ToolReach.Egress, "fetch" => ToolReach.Fetch, _ => ToolReach.Write },
            EffectData.Set(action.Value.GetProperty("tool")),
            EffectData.Set(action.Value.GetProperty("say")),
            EffectData.Set(action.Value.GetProperty("objects")),
            action.Value.TryGetProperty("targets", out _),
            action.Value.TryGetProperty("soft", out _)))];
        _byVerb = Actions.SelectMany(static action => action.Tool.Select(verb => (verb, action))).GroupBy(static pair => pair.verb, static pair => pair.action, StringComparer.Ordinal).ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
        _groups = data.GetProperty("objects").EnumerateObject().SelectMany(static group => group.Value.EnumerateArray().Select(word => (Word: word.GetString()!, Group: group.Name)))
            .GroupBy(static pair => pair.Word, static pair => pair.Group, StringComparer.Ordinal).ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);

        void Add(ArgumentRole role, JsonElement names)
        {
            foreach (var name in names.EnumerateArray())
            {
                roles[name.GetString()!] = role;
            }
        }
    }

    public static ToolEffectInference Default { get; } = Load();

    public ImmutableArray<ToolAction> Actions { get; }

    /// <summary>The lists that requests are read with.</summary>
    public EffectData Data { get; }

    /// <summary>Ways of reading from outside.</summary>
    public ImmutableArray<ToolAction> Fetching => [.. Actions.Where(static action => action.Reach == ToolReach.Fetch)];

    /// <summary>Kinds of objects that are read from outside.</summary>
    public FrozenSet<string> WebObjects { get; } = FrozenSet.Create(StringComparer.Ordinal, "web");

    /// <summary>Whether a field is where people stand that something was exchanged with.</summary>
    public bool IsCorrespondent(string field) => HasWord(_correspondents, field);

    /// <summary>Whether a field is where those stand who take part.</summary>
    public bool IsMember(string field) => HasWord(_members, field);

    /// <summary>Whether a field is where the one stands who wrote.</summary>
    public bool IsWriter(string field) => HasWord(_writers, field);

    /// <summary>Whether an argument is one line, as the head of a message is.</summary>
    public bool IsLine(string name) => ToolRiskInference.Words(name).Any(_lines.Contains);

    /// <summary>Whether an argument is a program or a part of one.</summary>
    public bool IsCommand(string name) => ToolRiskInference.Words(name).Any(_commands.Contains);

    /// <summary>Whether a name is one that arguments have.</summary>
    public bool IsKnown(string name) => ToolRiskInference.Words(name).ToList() is { Count: > 0 } words && words.TrueForAll(word => _roles.ContainsKey(word) || _ids.Contains(word) || word is "name" or "first" or "last");

    /// <summary>The kinds of objects among these of which nobody works on one by the way: doors, alarms, passwords, access.</summary>
    public FrozenSet<string> Sensitive(FrozenSet<string> objects) => objects.Where(_sensitive.Contains).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether an argument says what is done.</summary>
    public bool Chooses(string argument) => _actionArguments.Contains(argument.ToLowerInvariant());

    /// <summary>Whether an argument is where something goes to: a file, or in a tool that sends somebody.</summary>
    public bool IsAim(string name) => ToolRiskInference.Words(name).Any(_aims.Contains);

    /// <summary>Whether an argument may be a place on earth.</summary>
    public bool IsPlace(string name) => ToolRiskInference.Words(name).Any(_places.Contains);

    /// <summary>Kinds of objects that a word stands for.</summary>
    public ReadOnlySpan<string> GroupsOf(string word) => _groups.TryGetValue(word, out var groups) || _groups.TryGetValue(WordForm.Stem(word), out groups) ? groups : [];

    public ToolEffect Of(ToolInfo tool)
    {
        if (tool.Name is HostedTools.CodeInterpreter or HostedTools.FileSearch or HostedTools.ImageGeneration)
        {
            return new(ToolReach.Read, [], FrozenSet<string>.Empty, FrozenSet<string>.Empty, "the provider runs it, closed in") { Roles = FrozenDictionary<string, ArgumentRole>.Empty };
        }

        var words = ToolRiskInference.Words(tool.Name).ToList();
        var (actions, isRead, reason) = Doing(tool, words);
        var reach = actions.IsEmpty ? isRead ? ToolReach.Read : ToolReach.Write : actions.Max(static action => action.Reach);
        var described = Described(tool.Description);
        if (reach == ToolReach.Read && words.Exists(_outward.Contains))
        {
            (reach, reason) = (ToolReach.Fetch, "reads from outside");
        }

        if (tool.OpenWorld == true && reach == ToolReach.Read)
        {
            (reach, reason) = (ToolReach.Fetch, "annotation 'openWorld'");
        }

        if (tool.Destructive == true && reach < ToolReach.Write)
        {
            (reach, reason) = (ToolReach.Write, "annotation 'destructive'");
        }

        var nouns = words.Where(word => !IsVerb(word) || _nameNouns.Contains(word)).Select(WordForm.Stem).Where(static word => word.Length > 2).ToFrozenSet(StringComparer.Ordinal);
        var objects = new HashSet<string>(StringComparer.Ordinal);
        foreach (var noun in nouns)
        {
            objects.UnionWith(GroupsOf(noun).ToArray());
        }

        if (objects.Count == 0 || reach == ToolReach.Fetch)
        {
            objects.UnionWith(actions.SelectMany(static action => action.Objects));
        }

        if (objects.Count == 0)
        {
            objects.UnionWith(described.Take(12).SelectMany(word => GroupsOf(word).ToArray()));
        }

        var roles = Roles(tool.Schema);
        if (reach == ToolReach.Read && roles.Values.Contains(ArgumentRole.Host))
        {
            (reach, reason) = (ToolReach.Fetch, "reads from an address");
        }

        var isWritten = words.Exists(word => _written.Contains(word) || _written.Contains(WordForm.Stem(word)));
        return new(reach, actions, objects.ToFrozenSet(StringComparer.Ordinal), nouns, reason)
        {
            IsDirectory = reach == ToolReach.Read && !isWritten && (words.Exists(_directories.Contains) || (words.Contains("address") && words.Contains("book"))),
            IsWritten = isWritten,
            IsPrivate = reach == ToolReach.Read && (words.Exists(_private.Contains) || described.Take(16).Any(_private.Contains)),
            Roles = roles,
            HasSchema = tool.Schema is { ValueKind: JsonValueKind.Object } schema && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object,
            IsOpen = words.Exists(_openVerbs.Contains) && !words.Exists(word => _byVerb.ContainsKey(word) && !_openVerbs.Contains(word) && !_nameNouns.Contains(word)),
            Sends = reach == ToolReach.Read && words.Count > 1 && _byVerb.TryGetValue(words[0], out var first) ? [.. first.Where(static action => action.Reach == ToolReach.Egress)] : [],
        };
    }

    /// <summary>What a value of the action argument asks for; null: nothing that is known.</summary>
    public (ImmutableArray<ToolAction> Actions, bool IsRead)? Of(string action)
    {
        var words = WordForm.Of(action).Select(WordForm.Stem).Take(MaxChosen + 1).ToList();
        if (words.Count > MaxChosen)
        {
            return null;   // a story, no choice
        }

        var actions = words.SelectMany(word => _byVerb.GetValueOrDefault(word, [])).Distinct().ToImmutableArray();
        return !actions.IsEmpty ? (actions, false) : words.Exists(_reads.Contains) ? (actions, true) : null;
    }

    public ArgumentRole RoleOf(string name, string? description)
    {
        var words = ToolRiskInference.Words(name).ToList();
        if (words.Count == 0)
        {
            return ArgumentRole.Name;
        }

        if (_ids.Contains(words[^1]) && !(words.Count > 1 && _ownedIds.Contains(words[^2])))
        {
            return ArgumentRole.Id;
        }

        if (words is ["from" or "sender", ..])
        {
            return ArgumentRole.Plain;
        }

        var role = Strongest(words);
        return role is ArgumentRole.Name or ArgumentRole.Path && description is not null && Strongest(Described(description).Take(8)) is >= ArgumentRole.Recipient and var said ? said
            : role;
    }

    private static bool HasWord(FrozenSet<string> words, string field) => words.Contains(field.ToLowerInvariant()) || ToolRiskInference.Words(field).Any(words.Contains);

    private ArgumentRole Strongest(IEnumerable<string> words)
    {
        ArgumentRole? strongest = null;
        foreach (var word in words)
        {
            if (_roles.TryGetValue(word, out var role) && (strongest is null || role > strongest))
            {
                strongest = role;
            }
        }

        return strongest ?? ArgumentRole.Name;
    }

    private (ImmutableArray<ToolAction> Actions, bool IsRead, string Reason) Doing(ToolInfo tool, List<string> words)
    {
        var stems = words.ConvertAll(WordForm.Stem);
        var decided = DoingOf(stems);
        var described = Described(tool.Description).Select(WordForm.Stem).FirstOrDefault();
        if (decided is not null && described is not null && decided.Value.IsRead && _byVerb.TryGetValue(described, out var more) && !_nameNouns.Contains(described) && !_reads.Contains(described))
        {
            return ([.. more], false, $"'{described}' in the description");
        }

        if (decided is { IsRead: false } soft && described is not null && soft.Actions.All(static action => action.IsSoft) && stems.IndexOf(described) is >= 0 and var at && at < stems.FindIndex(stem => soft.Actions.Any(action => action.Tool.Contains(stem))) && _byVerb.TryGetValue(described, out var harder))
        {
            return ([.. harder], false, $"'{described}' in the name");   // posting an update is no updating
        }

        return decided ?? (described is null ? ([], tool.ReadOnly == true, "no known verb")
            : _reads.Contains(described) ? ([], true, $"'{described}' in the description")
            : _byVerb.TryGetValue(described, out var said) ? ([.. said], false, $"'{described}' in the description")
            : ([], tool.ReadOnly == true, tool.ReadOnly == true ? "annotation 'readOnly'" : "no known verb"));
    }

    private (ImmutableArray<ToolAction> Actions, bool IsRead, string Reason)? DoingOf(List<string> words)
    {
        if (words.Count > 1 && _nameEnds.Contains(words[^1]) && !words.Exists(word => IsVerb(word) && !_nameNouns.Contains(word) && !_reads.Contains(word)))
        {
            return ([], true, $"'{words[^1]}' in the name");
        }

        var verbs = words.FindAll(word => IsVerb(word) && !_nameNouns.Contains(word));
        verbs = verbs.Count > 0 ? verbs : words.FindAll(IsVerb);
        if (verbs.Count == 0)
        {
            return null;
        }

        var several = words.Contains("and", StringComparer.Ordinal) || words.Contains("or", StringComparer.Ordinal);
        var deciding = several ? verbs : verbs[..1];
        var writes = deciding.Where(verb => !_reads.Contains(verb)).ToList();
        return writes.Count == 0 ? ([], true, $"'{verbs[0]}' in the name")
            : ([.. writes.SelectMany(verb => _byVerb[verb]).Distinct().Where(action => Fits(action, words))], false, $"'{writes[0]}' in the name");
    }

    /// <summary>Paying is not what a tool that sends mail does, though both are called sending.</summary>
    private bool Fits(ToolAction action, List<string> words)
    {
        var groups = words.SelectMany(word => GroupsOf(word).ToArray()).ToHashSet(StringComparer.Ordinal);
        return action.Id switch
        {
            "pay" => groups.Contains("money") || !groups.Overlaps(["mail", "chat", "post"]),
            "communicate" => groups.Overlaps(["mail", "chat"]) || !(groups.Contains("money") || (groups.Contains("file") && words.Contains("write", StringComparer.Ordinal))),
            _ => true,
        };
    }

    private bool IsVerb(string word) => _reads.Contains(word) || _byVerb.ContainsKey(word);

    private static IEnumerable<string> Described(string? description) => description is null ? [] : WordForm.Of(description.Length > MaxDescription ? description[..MaxDescription] : description);

    private FrozenDictionary<string, ArgumentRole> Roles(JsonElement? schema)
    {
        var roles = new Dictionary<string, ArgumentRole>(StringComparer.OrdinalIgnoreCase);
        if (schema is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                var description = property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("description", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString() : null;
                roles[property.Name] = RoleOf(property.Name, description);
            }
        }

        return roles.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static ToolEffectInference Load()
    {
        using var stream = typeof(ToolEffectInference).Assembly.GetManifestResourceStream("tool-effects.json")!;
        using var document = JsonDocument.Parse(stream);
        return new(document.RootElement.Clone());
    }
}
