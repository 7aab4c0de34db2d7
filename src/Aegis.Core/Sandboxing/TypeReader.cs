using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Aegis.Sandboxing;

/// <summary>Makes a schema of a type, naming every mistake.</summary>
internal sealed class TypeReader(List<string> mistakes)
{
    private static readonly Dictionary<Type, (ExtractionKind Kind, decimal? Minimum, decimal? Maximum)> Numbers = new()
    {
        [typeof(byte)] = (ExtractionKind.Integer, byte.MinValue, byte.MaxValue),
        [typeof(sbyte)] = (ExtractionKind.Integer, sbyte.MinValue, sbyte.MaxValue),
        [typeof(short)] = (ExtractionKind.Integer, short.MinValue, short.MaxValue),
        [typeof(ushort)] = (ExtractionKind.Integer, ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = (ExtractionKind.Integer, int.MinValue, int.MaxValue),
        [typeof(uint)] = (ExtractionKind.Integer, uint.MinValue, uint.MaxValue),
        [typeof(long)] = (ExtractionKind.Integer, null, null),
        [typeof(float)] = (ExtractionKind.Number, null, null),
        [typeof(double)] = (ExtractionKind.Number, null, null),
        [typeof(decimal)] = (ExtractionKind.Number, null, null),
    };

    private int _members;

    public ExtractionNode? Read(JsonTypeInfo type) => Read(type.Type, type.Options, type, MemberBounds.None, "$", 1);

    private ExtractionNode? Read(Type type, JsonSerializerOptions options, JsonTypeInfo? known, MemberBounds bounds, string path, int depth)
    {
        if (depth > SchemaLimits.Depth)
        {
            return Refuse(path, $"lies deeper than {SchemaLimits.Depth} levels, or within itself.");
        }

        if (bounds.Mistake is { } mistake)
        {
            return Refuse(path, mistake);
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        var isText = type == typeof(Untrusted<string>);
        var others = isText || type == typeof(bool) || type.IsEnum || Numbers.ContainsKey(type) ? null : known ?? TypeOf(type, options);
        if (others?.Kind != JsonTypeInfoKind.Enumerable && bounds.Beside(isText, Numbers.ContainsKey(type)) is { } idle)
        {
            return Refuse(path, $"has {idle}, which is not enforced on such a value.");
        }

        var node =
            isText ? TextOf(bounds, path)
            : type == typeof(string) ? Refuse(path, "is a string, and what comes out of a document is never trusted: make it Untrusted<string>.")
            : type == typeof(bool) ? new(ExtractionKind.Boolean)
            : Numbers.TryGetValue(type, out var number) ? NumberOf(number, bounds, path)
            : type.IsEnum ? ChoiceOf(type, options, path)
            : OthersOf(others, bounds, path, depth);
        return node is null ? null : node with { Description = bounds.Description };
    }

    private ExtractionNode? TextOf(MemberBounds bounds, string path)
    {
        var (least, most) = (bounds.MinText ?? bounds.MinLength ?? 1, bounds.MaxText ?? bounds.MaxLength);
        return most is null ? Refuse(path, "is a text without a length: add [MaxLength], or [StringLength] for the texts of a list.")
            : most is < 1 or > SchemaLimits.MaxLength || least < 1 || least > most ? Refuse(path, FormattableString.Invariant($"has lengths that are not from 1 to {SchemaLimits.MaxLength}."))
            : new(ExtractionKind.Text) { MinLength = least, MaxLength = most.Value };
    }

    private ExtractionNode? NumberOf((ExtractionKind Kind, decimal? Minimum, decimal? Maximum) number, MemberBounds bounds, string path)
    {
        var least = bounds.Minimum > number.Minimum || number.Minimum is null ? bounds.Minimum : number.Minimum;
        var most = bounds.Maximum < number.Maximum || number.Maximum is null ? bounds.Maximum : number.Maximum;
        return least > most ? Refuse(path, "has a minimum above its maximum.") : new(number.Kind) { Minimum = least, Maximum = most };
    }

    private ExtractionNode? ChoiceOf(Type type, JsonSerializerOptions options, string path)
    {
        if (TypeOf(type, options) is not null && options.GetJsonSchemaAsNode(type) is JsonObject schema && schema["enum"] is JsonArray words && words.All(static word => word?.GetValueKind() == JsonValueKind.String))
        {
            List<string> known = [.. words.Select(static word => word!.GetValue<string>()).Distinct(StringComparer.Ordinal)];
            return known.Count is 0 or > SchemaLimits.Words ? Refuse(path, $"has 1 to {SchemaLimits.Words} words.") : new(ExtractionKind.Choice) { Words = known };
        }

        return Refuse(path, $"is an enumeration that is not written as words: put [JsonConverter(typeof(JsonStringEnumConverter<{type.Name}>))] on it; sets of flags are not enforced.");
    }

    private ExtractionNode? OthersOf(JsonTypeInfo? type, MemberBounds bounds, string path, int depth)
    {
        if (type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element })
        {
            var item = Read(element, type.Options, null, bounds.OfItems, $"{path}[]", depth + 1);
            return bounds.MinLength is not null ? Refuse(path, "wants a least number of items, which is not enforced.")
                : bounds.MaxLength is not (>= 1 and <= SchemaLimits.MaxItems) ? Refuse(path, FormattableString.Invariant($"is a list without a number: add [MaxLength], from 1 to {SchemaLimits.MaxItems}."))
                : item is null ? null
                : new(ExtractionKind.Array) { Item = item, MaxItems = bounds.MaxLength.Value };
        }

        if (type is not { Kind: JsonTypeInfoKind.Object, PolymorphismOptions: null } || type.Type == typeof(object))
        {
            return Refuse(path, "is of a type that is not enforced: use Untrusted<string>, enumerations, bool, numbers, lists, and types of such members.");
        }

        var members = new List<ExtractionMember>();
        foreach (var property in type.Properties.Where(static property => property.IsExtensionData || property.Set is not null || property.AssociatedParameter is not null))
        {
            var at = $"{path}.{property.Name}";
            if (++_members > SchemaLimits.Members)
            {
                return Refuse(path, $"has too many members: at most {SchemaLimits.Members} altogether.");
            }

            if (property.IsExtensionData || property.CustomConverter is not null)
            {
                Refuse(at, "is read by a converter of its own, or takes all that is left over: neither is enforced.");
            }
            else if (Read(property.PropertyType, type.Options, null, MemberBounds.Of(property.AttributeProvider, property.AssociatedParameter?.AttributeProvider), at, depth + 1) is { } member)
            {
                members.Add(new(property.Name, member, property.IsRequired || !IsNullable(property)));
            }
        }

        return members.Count == 0 ? Refuse(path, "has no members that can be set.") : new(ExtractionKind.Object) { Members = members };
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null
        : property.AssociatedParameter is { } parameter ? parameter.IsNullable : property.IsSetNullable;

    private static JsonTypeInfo? TypeOf(Type type, JsonSerializerOptions options)
    {
        try
        {
            return options.GetTypeInfo(type);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return null;   // no contract
        }
    }

    private ExtractionNode? Refuse(string path, string what)
    {
        mistakes.Add($"{path}: {what}");
        return null;
    }
}
