using System.Text.Json;

namespace Aegis.Sandboxing;

/// <summary>Reads a schema, naming every mistake.</summary>
internal sealed class SchemaReader(List<string> mistakes)
{
    private int _members;

    public ExtractionNode? Read(JsonElement json) => Read(json, "$", 1);

    private ExtractionNode? Read(JsonElement json, string path, int depth)
    {
        if (depth > SchemaLimits.Depth)
        {
            return Refuse(path, $"lies deeper than {SchemaLimits.Depth} levels.");
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return Refuse(path, "is no schema: write an object with a type.");
        }

        var type = json.TryGetProperty("type"u8, out var word) && word.ValueKind == JsonValueKind.String ? TextOf(word) : null;
        var node = type switch
        {
            "object" => ReadObject(json, path, depth),
            "array" => ReadArray(json, path, depth),
            "string" when json.TryGetProperty("enum"u8, out var words) => ReadChoice(json, words, path),
            "string" => ReadText(json, path),
            "integer" => ReadNumber(json, path, ExtractionKind.Integer),
            "number" => ReadNumber(json, path, ExtractionKind.Number),
            "boolean" => Known(json, path, new(ExtractionKind.Boolean)),
            _ => Refuse(path, "has no type that is enforced: object, array, string, integer, number or boolean, one of them."),
        };
        return node is null ? null : node with { Description = DescriptionOf(json, path) };
    }

    private ExtractionNode? ReadObject(JsonElement json, string path, int depth)
    {
        var node = Known(json, path, new(ExtractionKind.Object), "properties", "required", "additionalProperties");
        if (!json.TryGetProperty("additionalProperties"u8, out var others) || others.ValueKind != JsonValueKind.False)
        {
            Refuse(path, "leaves its other members open: write additionalProperties: false.");
        }

        if (!json.TryGetProperty("properties"u8, out var properties) || properties.ValueKind != JsonValueKind.Object || properties.GetPropertyCount() == 0)
        {
            return Refuse(path, "has no properties.");
        }

        var names = properties.EnumerateObject().Select(static property => property.Name).ToHashSet(StringComparer.Ordinal);
        var required = new HashSet<string>(StringComparer.Ordinal);
        if (json.TryGetProperty("required"u8, out var listed))
        {
            foreach (var name in WordsOf(listed, $"{path}.required"))
            {
                if (!names.Contains(name) || !required.Add(name))
                {
                    Refuse($"{path}.required", "names a member twice, or one that properties do not have.");
                }
            }
        }

        var members = new List<ExtractionMember>();
        foreach (var property in properties.EnumerateObject())
        {
            if (property.Name.Length is 0 or > SchemaLimits.Word || property.Name.Any(char.IsControl))
            {
                Refuse(path, $"has a member without a name that can be printed: 1 to {SchemaLimits.Word} characters.");
            }
            else if (++_members > SchemaLimits.Members)
            {
                Refuse(path, $"has too many members: at most {SchemaLimits.Members} altogether.");
                break;
            }
            else if (Read(property.Value, $"{path}.{property.Name}", depth + 1) is { } member)
            {
                members.Add(new(property.Name, member, required.Contains(property.Name)));
            }
        }

        return members.Select(static member => member.Name).Distinct(StringComparer.Ordinal).Count() < members.Count
            ? Refuse(path, "has a member twice.")
            : node with { Members = members };
    }

    private ExtractionNode? ReadArray(JsonElement json, string path, int depth)
    {
        var node = Known(json, path, new(ExtractionKind.Array), "items", "maxItems");
        var most = Count(json, "maxItems", path, SchemaLimits.MaxItems);
        if (most is null)
        {
            Refuse(path, "has no maxItems.");
        }

        return !json.TryGetProperty("items"u8, out var items) ? Refuse(path, "has no items.")
            : Read(items, $"{path}[]", depth + 1) is { } item ? node with { Item = item, MaxItems = most ?? 1 }
            : null;
    }

    private ExtractionNode? ReadText(JsonElement json, string path)
    {
        var node = Known(json, path, new(ExtractionKind.Text), "minLength", "maxLength");
        if (Count(json, "maxLength", path, SchemaLimits.MaxLength) is not { } most)
        {
            return Refuse(path, "has neither maxLength nor enum.");
        }

        var least = Count(json, "minLength", path, SchemaLimits.MaxLength) ?? 1;
        return least > most ? Refuse(path, "has a minLength above its maxLength.") : node with { MinLength = least, MaxLength = most };
    }

    private ExtractionNode? ReadChoice(JsonElement json, JsonElement words, string path)
    {
        var before = mistakes.Count;
        var known = WordsOf(words, $"{path}.enum");
        return mistakes.Count > before ? null
            : known.Count is 0 or > SchemaLimits.Words || known.Distinct(StringComparer.Ordinal).Count() < known.Count || known.Exists(static word => word.Length is 0 or > SchemaLimits.Word)
            ? Refuse($"{path}.enum", $"has 1 to {SchemaLimits.Words} different words of 1 to {SchemaLimits.Word} characters.")
            : Known(json, path, new(ExtractionKind.Choice) { Words = known }, "enum");
    }

    private ExtractionNode? ReadNumber(JsonElement json, string path, ExtractionKind kind)
    {
        var (least, most) = (Bound(json, "minimum", path), Bound(json, "maximum", path));
        return least > most ? Refuse(path, "has a minimum above its maximum.") : Known(json, path, new(kind) { Minimum = least, Maximum = most }, "minimum", "maximum");
    }

    private ExtractionNode Known(JsonElement json, string path, ExtractionNode node, params string[] members)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (member.Name is not ("type" or "description") && !members.Contains(member.Name, StringComparer.Ordinal))
            {
                Refuse(path, $"says '{(member.Name.Length <= 40 && member.Name.All(char.IsAsciiLetterOrDigit) ? member.Name : "…")}', which is not enforced here.");
            }
        }

        return node;
    }

    private int? Count(JsonElement json, string name, string path, int most)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 1 && count <= most)
        {
            return count;
        }

        Refuse($"{path}.{name}", FormattableString.Invariant($"is no whole number from 1 to {most}."));
        return 1;
    }

    private decimal? Bound(JsonElement json, string name, string path)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var bound))
        {
            return bound;
        }

        Refuse($"{path}.{name}", "is no number.");
        return null;
    }

    private string? DescriptionOf(JsonElement json, string path)
    {
        if (!json.TryGetProperty("description"u8, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && TextOf(value) is { Length: <= SchemaLimits.Description } text)
        {
            return text;
        }

        Refuse($"{path}.description", $"is no text of at most {SchemaLimits.Description} characters.");
        return null;
    }

    private List<string> WordsOf(JsonElement list, string path)
    {
        var words = new List<string>();
        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= SchemaLimits.Words)
        {
            foreach (var item in list.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.String && TextOf(item) is { } word)
                {
                    words.Add(word);
                }
                else
                {
                    Refuse(path, "has something that is no text.");
                }
            }
        }
        else
        {
            Refuse(path, $"is no list of at most {SchemaLimits.Words} texts.");
        }

        return words;
    }

    /// <summary>A text; null: it has lone surrogates.</summary>
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private ExtractionNode? Refuse(string path, string what)
    {
        mistakes.Add($"{path}: {what}");
        return null;
    }
}
