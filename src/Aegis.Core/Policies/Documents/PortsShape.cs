using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A list of ports; it replaces the one that it extends.</summary>
internal sealed class PortsShape : Shape<IReadOnlyList<int>>
{
    private static readonly NumberShape<int> Port = new(1, ushort.MaxValue);

    public override bool TryRead(DocumentNode node, string path, IReadOnlyList<int> current, PolicyReading reading, out IReadOnlyList<int> value)
    {
        if (node.Kind != DocumentKind.List && node is not { Kind: DocumentKind.Any, Text: "" })   // a list without items, as configuration has it
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a list, not {Said(node)}.{(node.Kind is DocumentKind.Number or DocumentKind.Any ? $" Write [{PolicyErrorList.Shown(node.Text)}]." : "")}", current, out value);
        }

        var ports = new List<int>();
        for (var i = 0; i < node.Items.Count; i++)
        {
            var at = FormattableString.Invariant($"{path}[{i}]");
            if (!Port.TryRead(node.Items[i], at, 0, reading, out var port))
            {
                continue;
            }

            if (ports.Contains(port))
            {
                reading.Errors.Add(PolicyErrorCodes.Duplicate, node.Items[i].At, at, FormattableString.Invariant($"'{port}' stands in the list already. Remove one."));
                continue;
            }

            reading.Places[FormattableString.Invariant($"{path}[{ports.Count}]")] = node.Items[i].At;
            ports.Add(port);
        }

        value = ports;
        return true;
    }

    public override void Check(IReadOnlyList<int> value, string path, PolicyChecks checks)
    {
        for (var i = 0; i < value.Count; i++)
        {
            Port.Check(value[i], FormattableString.Invariant($"{path}[{i}]"), checks);
        }
    }

    public override JsonNode? Write(IReadOnlyList<int> value) => new JsonArray([.. value.Select(static port => (JsonNode)port)]);

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = Port.Schema(), ["uniqueItems"] = true };
}
