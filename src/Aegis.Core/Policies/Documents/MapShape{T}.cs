using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>Parts by glob, or by another kind of key. Entries merge with those that are extended, one by one; null takes one away.</summary>
/// <typeparam name="T">The parts.</typeparam>
/// <param name="values">Their shape.</param>
/// <param name="keys">What a key is; null: a glob over tools.</param>
internal sealed class MapShape<T>(Shape<T> values, MapKeys? keys = null) : Shape<IReadOnlyDictionary<string, T>>
    where T : class
{
    private readonly MapKeys _keys = keys ?? MapKeys.Globs;

    public override bool TryRead(DocumentNode node, string path, IReadOnlyDictionary<string, T> current, PolicyReading reading, out IReadOnlyDictionary<string, T> value)
    {
        if (node.Kind != DocumentKind.Map)
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants members, not {Said(node)}.", current, out value);
        }

        var entries = new Dictionary<string, T>(current, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in node.Members)
        {
            var (at, meant) = (PolicyErrorList.Entry(path, member.Name), _keys.Meant(member.Name));
            if (!seen.Add(meant))
            {
                reading.Errors.Add(PolicyErrorCodes.Duplicate, member.At, at, $"'{PolicyErrorList.Shown(member.Name)}' stands here twice; {_keys.SameWhen}. Remove one.");
                continue;
            }

            reading.Places[at] = member.At;
            var before = entries.Keys.FirstOrDefault(known => string.Equals(_keys.Meant(known), meant, StringComparison.Ordinal));
            if (member.Value.IsOff)
            {
                if (before is null)
                {
                    reading.Errors.Add(PolicyErrorCodes.Unknown, member.At, at, $"'{PolicyErrorList.Shown(member.Name)}' takes nothing away: what is extended has no such entry. Remove it.");
                }

                entries.Remove(before ?? member.Name);
            }
            else if (values.TryRead(member.Value, at, before is null ? null! : entries[before], reading, out var entry))
            {
                entries.Remove(before ?? member.Name);
                entries[member.Name] = entry;
            }
        }

        value = entries;
        return true;
    }

    public override void Check(IReadOnlyDictionary<string, T> value, string path, PolicyChecks checks)
    {
        if (value is null)
        {
            checks.Add(PolicyErrorCodes.Null, path, "is null. Leave it out to keep the default.");
            return;
        }

        foreach (var (glob, entry) in value)
        {
            var at = PolicyErrorList.Entry(path, glob);
            if (_keys.Kind.Mistake(glob) is var (code, message))
            {
                checks.Add(code, at, message);
            }

            values.Check(entry, at, checks);
        }
    }

    public override JsonNode? Write(IReadOnlyDictionary<string, T> value) =>
        new JsonObject(value.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, values.Write(entry.Value))));

    public override JsonObject Schema() => new()
    {
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["minLength"] = 1, ["maxLength"] = _keys.Kind.MaxLength },
        ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(values.Schema(), new JsonObject { ["type"] = "null" }) },
    };

    public override IEnumerable<(string Path, JsonNode? Value)> Leaves(IReadOnlyDictionary<string, T> value, string path) =>
        value.Count == 0 ? base.Leaves(value, path) : value.OrderBy(static entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => values.Leaves(entry.Value, PolicyErrorList.Entry(path, entry.Key)));
}
