using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A number or a choice that null leaves open.</summary>
/// <typeparam name="T">Its type.</typeparam>
/// <param name="shape">Its shape when it is there.</param>
internal sealed class OptionalValueShape<T>(Shape<T> shape) : Shape<T?>
    where T : struct
{
    public override bool TryRead(DocumentNode node, string path, T? current, PolicyReading reading, out T? value)
    {
        if (node.IsOff)
        {
            value = null;
            return true;
        }

        var read = shape.TryRead(node, path, default, reading, out var part);
        value = read ? part : current;
        return read;
    }

    public override void Check(T? value, string path, PolicyChecks checks)
    {
        if (value is { } part)
        {
            shape.Check(part, path, checks);
        }
    }

    public override JsonNode? Write(T? value) => value is { } part ? shape.Write(part) : null;

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(shape.Schema(), new JsonObject { ["type"] = "null" }) };
}
