using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Aegis.Tools.Effects;

/// <summary>What a tool does, as far as its name, description, schema and annotations show it.</summary>
/// <param name="Reach">How far it goes.</param>
/// <param name="Actions">Kinds of doing.</param>
/// <param name="Objects">Kinds of objects that it is about.</param>
/// <param name="Words">Words of its name that are no verbs.</param>
/// <param name="Reason">The fact that decided, for people.</param>
internal sealed record ToolEffect(ToolReach Reach, ImmutableArray<ToolAction> Actions, FrozenSet<string> Objects, FrozenSet<string> Words, string Reason)
{
    /// <summary>Whether it looks up people, accounts, channels and the like that the app or its organisation keeps.</summary>
    public bool IsDirectory { get; init; }

    /// <summary>Whether what it reads others write: mail, pages, reviews.</summary>
    public bool IsWritten { get; init; }

    /// <summary>Whether what it reads is not for everybody.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Roles of the arguments in the schema, by name.</summary>
    public required FrozenDictionary<string, ArgumentRole> Roles { get; init; }

    /// <summary>Whether a schema says which arguments there are.</summary>
    public bool HasSchema { get; init; }

    /// <summary>What a tool that looks as if it only read does if it is told to whom, or what to say.</summary>
    public ImmutableArray<ToolAction> Sends { get; init; } = [];

    /// <summary>Whether its name leaves open what it does, so that a call may turn out to read only.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether the tool has an argument of this name, as far as is known: what it does not have it does not read.</summary>
    public bool Takes(string argument) => !HasSchema || Roles.ContainsKey(argument);

    /// <summary>The role of an argument, whether the schema has it or not.</summary>
    public ArgumentRole RoleOf(string name) => Roles.TryGetValue(name, out var role) ? role : ToolEffectInference.Default.RoleOf(name, null);
}
