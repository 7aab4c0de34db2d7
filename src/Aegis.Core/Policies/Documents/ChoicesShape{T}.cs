using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A list of a few words, each once.</summary>
/// <typeparam name="T">What they mean.</typeparam>
/// <param name="words">The words, in lower case.</param>
internal sealed class ChoicesShape<T>(params (string Word, T Value)[] words) : Shape<IReadOnlyList<T>>
    where T : struct, Enum
{
    private readonly ChoiceShape<T> _item = new(words);

    public override bool TryRead(DocumentNode node, string path, IReadOnlyList<T> current, PolicyReading reading, out IReadOnlyList<T> value)
    {
        if (node is { Kind: DocumentKind.Any, Text: "" })
        {
            value = [];   // a list without items, as configuration has it
            return true;
        }

        if (node.Kind != DocumentKind.List)
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a list, not {Said(node)}.{(node.Kind is DocumentKind.Text or DocumentKind.Any ? $" Write [\"{PolicyErrorList.Shown(node.Text)}\"]." : "")}", current, out value);
        }

        var items = new List<T>();
        for (var i = 0; i < node.Items.Count; i++)
        {
            var at = FormattableString.Invariant($"{path}[{i}]");
            if (!_item.TryRead(node.Items[i], at, default, reading, out var item))
            {
                continue;
            }

            if (items.Contains(item))
            {
                reading.Errors.Add(PolicyErrorCodes.Duplicate, node.Items[i].At, at, $"'{PolicyErrorList.Shown(node.Items[i].Text)}' stands in the list already. Remove one.");
                continue;
            }

            items.Add(item);
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
            _item.Check(value[i], FormattableString.Invariant($"{path}[{i}]"), checks);
        }
    }

    public override JsonNode? Write(IReadOnlyList<T> value) => new JsonArray([.. value.Select(_item.Write)]);

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = _item.Schema(), ["uniqueItems"] = true };
}
