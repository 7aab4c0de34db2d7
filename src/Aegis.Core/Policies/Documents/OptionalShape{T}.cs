using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A part that null switches off.</summary>
/// <typeparam name="T">The part.</typeparam>
/// <param name="shape">Its shape when it is there.</param>
internal sealed class OptionalShape<T>(Shape<T> shape) : Shape<T?>
    where T : class
{
    public override bool TryRead(DocumentNode node, string path, T? current, PolicyReading reading, out T? value)
    {
        if (node.IsOff)
        {
            value = null;
            return true;
        }

        var read = shape.TryRead(node, path, current!, reading, out var part);
        value = part;
        return read;
    }

    public override void Check(T? value, string path, PolicyChecks checks)
    {
        if (value is not null)
        {
            shape.Check(value, path, checks);
        }
    }

    public override JsonNode? Write(T? value) => value is null ? null : shape.Write(value);

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(shape.Schema(), new JsonObject { ["type"] = "null" }) };

    public override IEnumerable<(string Path, JsonNode? Value)> Leaves(T? value, string path) => value is null ? [(path, null)] : shape.Leaves(value, path);
}
