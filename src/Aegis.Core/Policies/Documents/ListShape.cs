using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A list of texts. It replaces the one that it extends, or adds to it.</summary>
/// <param name="kind">What its items must be.</param>
/// <param name="adds">Whether it adds.</param>
internal sealed class ListShape(TextKind kind, bool adds = false) : Shape<IReadOnlyList<string>>
{
    private readonly TextShape _item = new(kind);

    public override bool TryRead(DocumentNode node, string path, IReadOnlyList<string> current, PolicyReading reading, out IReadOnlyList<string> value)
    {
        if (node is { Kind: DocumentKind.Any, Text: "" })
        {
            value = adds ? current : [];   // a list without items, as configuration has it
            return true;
        }

        if (node.Kind != DocumentKind.List)
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a list, not {Said(node)}.{(node.Kind is DocumentKind.Text or DocumentKind.Any ? $" Write [\"{PolicyErrorList.Shown(node.Text)}\"]." : "")}", current, out value);
        }

        var items = adds ? current.ToList() : [];
        var known = new HashSet<string>(items, StringComparer.Ordinal);
        var inherited = new HashSet<string>(known, StringComparer.Ordinal);
        for (var i = 0; i < node.Items.Count; i++)
        {
            var at = FormattableString.Invariant($"{path}[{i}]");
            if (!_item.TryRead(node.Items[i], at, "", reading, out var item))
            {
                continue;
            }

            if (known.Add(item))
            {
                reading.Places[FormattableString.Invariant($"{path}[{items.Count}]")] = node.Items[i].At;
                items.Add(item);
            }
            else if (!inherited.Contains(item))
            {
                reading.Errors.Add(PolicyErrorCodes.Duplicate, node.Items[i].At, at, $"'{PolicyErrorList.Shown(item)}' stands in the list already. Remove one.");
            }
        }

        value = items;
        return true;
    }

    public override void Check(IReadOnlyList<string> value, string path, PolicyChecks checks)
    {
        if (value is null)
        {
            checks.Add(PolicyErrorCodes.Null, path, "is null. Leave it out to keep the default.");
            return;
        }

        for (var i = 0; i < value.Count; i++)
        {
            _item.Check(value[i], FormattableString.Invariant($"{path}[{i}]"), checks);
        }
    }

    public override JsonNode? Write(IReadOnlyList<string> value) => new JsonArray([.. value.Select(static item => (JsonNode)item)]);

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = _item.Schema(), ["uniqueItems"] = true };
}
