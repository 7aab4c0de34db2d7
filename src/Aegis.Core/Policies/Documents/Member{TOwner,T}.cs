using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A member with its value.</summary>
/// <typeparam name="TOwner">The part of the policy.</typeparam>
/// <typeparam name="T">The value.</typeparam>
internal sealed class Member<TOwner, T>(string name, string description, Func<TOwner, T> get, Func<TOwner, T, TOwner> set, Shape<T> shape) : Member<TOwner>(name, description)
{
    public override TOwner Read(TOwner owner, DocumentNode node, string path, PolicyReading reading) =>
        shape.TryRead(node, path, get(owner), reading, out var value) ? set(owner, value) : owner;

    public override void Check(TOwner owner, string path, PolicyChecks checks) => shape.Check(get(owner), path, checks);

    public override JsonNode? Write(TOwner owner) => shape.Write(get(owner));

    public override JsonObject Schema()
    {
        var schema = shape.Schema();
        schema["description"] = Description;
        return schema;
    }

    public override IEnumerable<(string Path, JsonNode? Value)> Leaves(TOwner owner, string path) => shape.Leaves(get(owner), path);
}
