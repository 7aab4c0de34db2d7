using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A list of parts. It replaces the one that it extends.</summary>
/// <typeparam name="T">The parts.</typeparam>
/// <param name="item">Their shape.</param>
internal sealed class ItemsShape<T>(Shape<T> item) : Shape<IReadOnlyList<T>>
    where T : class
{
    public override bool TryRead(DocumentNode node, string path, IReadOnlyList<T> current, PolicyReading reading, out IReadOnlyList<T> value)
    {
        if (node is { Kind: DocumentKind.Any, Text: "" })
        {
            value = [];   // a list without items, as configuration has it
            return true;
        }

        if (node.Kind != DocumentKind.List)
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a list, not {Said(node)}.", current, out value);
        }

        var items = new List<T>(node.Items.Count);
        foreach (var said in node.Items)
        {
            var at = FormattableString.Invariant($"{path}[{items.Count}]");
            reading.Places[at] = said.At;
            if (item.TryRead(said, at, null!, reading, out var read))
            {
                items.Add(read);
            }
        }

        value = items;
        return true;
    }

    public override void Check(IReadOnlyList<T> value, string path, PolicyChecks checks)
    {
        if (value is null)
        {
            checks.Add(PolicyErrorCodes.Null, path, "is null. Leave it out to keep the default.");
            return;
        }

        for (var i = 0; i < value.Count; i++)
        {
            item.Check(value[i], FormattableString.Invariant($"{path}[{i}]"), checks);
        }
    }

    public override JsonNode? Write(IReadOnlyList<T> value) => new JsonArray([.. value.Select(item.Write)]);

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = item.Schema() };
}
