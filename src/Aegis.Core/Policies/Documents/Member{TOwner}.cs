using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A member of a part of a policy.</summary>
/// <typeparam name="TOwner">The part.</typeparam>
/// <param name="name">Its name in documents.</param>
/// <param name="description">What it does, for editors.</param>
internal abstract class Member<TOwner>(string name, string description)
{
    public string Name => name;

    public string Description => description;

    /// <summary>Whether it is another way to say a member, and so never shown.</summary>
    public bool IsVariant { get; init; }

    /// <summary>Whether a part without it is none.</summary>
    public bool IsRequired { get; init; }

    public abstract TOwner Read(TOwner owner, DocumentNode node, string path, PolicyReading reading);

    public abstract void Check(TOwner owner, string path, PolicyChecks checks);

    public abstract JsonNode? Write(TOwner owner);

    public abstract JsonObject Schema();

    public abstract IEnumerable<(string Path, JsonNode? Value)> Leaves(TOwner owner, string path);
}
