using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A part with members. What is not said stays as it is in what is extended.</summary>
/// <typeparam name="T">The part, an immutable record.</typeparam>
/// <param name="create">The part when nothing is extended.</param>
/// <param name="members">Its members.</param>
internal sealed class ObjectShape<T>(Func<T> create, params Member<T>[] members) : Shape<T>
    where T : class
{
    /// <summary>Members that are no part of the policy and are left to whoever reads them first.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    public IReadOnlyList<Member<T>> Members => members;

    public override bool TryRead(DocumentNode node, string path, T? current, PolicyReading reading, out T value)
    {
        if (node.Kind != DocumentKind.Map)
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants members, not {Said(node)}.", current ?? create(), out value);
        }

        value = current ?? create();
        var comparison = node.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var seen = new Dictionary<string, DocumentPosition>(StringComparer.FromComparison(comparison));
        foreach (var said in node.Members)
        {
            var known = Array.Find(members, member => string.Equals(member.Name, said.Name, comparison));
            var at = $"{path}.{known?.Name ?? PolicyErrorList.Shown(said.Name)}";
            if (!seen.TryAdd(said.Name, said.At))
            {
                reading.Errors.Add(PolicyErrorCodes.Duplicate, said.At, at, $"'{PolicyErrorList.Shown(said.Name)}' stands here twice. Remove one.");
            }
            else if (known is not null)
            {
                reading.Places[at] = said.Value.At;
                value = known.Read(value, said.Value, at, reading);
            }
            else if (!Others.Contains(said.Name, StringComparer.FromComparison(comparison)) && !said.Name.StartsWith("x-", comparison))
            {
                reading.Errors.Add(PolicyErrorCodes.Unknown, said.At, at, $"'{PolicyErrorList.Shown(said.Name)}' is unknown{(MemberPlaces.HintFor(said.Name) is { Length: > 0 } hint ? $" here.{hint}" : $".{Suggestion.For(said.Name, members.Select(static member => member.Name).Concat(Others))} Remove it, or call it 'x-…' if it is a note of yours.")}");
            }
        }

        foreach (var member in members.Where(member => current is null && member.IsRequired && !seen.ContainsKey(member.Name)))
        {
            reading.Errors.Add(PolicyErrorCodes.Missing, node.At, path, $"'{member.Name}' is missing.");
        }

        foreach (var variant in members.Where(member => member.IsVariant && seen.ContainsKey(member.Name)))
        {
            if (!node.IgnoresCase && seen.ContainsKey(variant.Name.TrimEnd('!')))   // in configuration one may come from an overlay
            {
                reading.Errors.Add(PolicyErrorCodes.Contradiction, seen[variant.Name], $"{path}.{variant.Name}", $"'{variant.Name}' replaces what '{variant.Name.TrimEnd('!')}' adds to. Keep one of them.");
            }
        }

        return true;
    }

    public override void Check(T value, string path, PolicyChecks checks)
    {
        if (value is null)
        {
            checks.Add(PolicyErrorCodes.Null, path, "is null. Leave it out to keep the default.");
            return;
        }

        foreach (var member in members.Where(static member => !member.IsVariant))
        {
            member.Check(value, $"{path}.{member.Name}", checks);
        }
    }

    public override JsonNode? Write(T value) => new JsonObject(members.Where(static member => !member.IsVariant).Select(member => KeyValuePair.Create(member.Name, member.Write(value))));

    /// <inheritdoc/>
    /// <remarks>Nothing is required: a document may say a part of what it extends.</remarks>
    public override JsonObject Schema() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(members.Select(static member => KeyValuePair.Create(member.Name, (JsonNode?)member.Schema()))),
        ["patternProperties"] = new JsonObject { ["^x-"] = true },
        ["additionalProperties"] = false,
    };

    public override IEnumerable<(string Path, JsonNode? Value)> Leaves(T value, string path) =>
        members.Where(static member => !member.IsVariant).SelectMany(member => member.Leaves(value, $"{path}.{member.Name}"));
}
