using Aegis.Sandboxing;

namespace Aegis.Policies;

/// <summary>The schema of the data that takes the place of a tool's results.</summary>
internal static class FieldSchema
{
    private const int DefaultMaxLength = 200;

    /// <summary>The schema of an entry that has fields.</summary>
    public static ExtractionNode Of(IReadOnlyDictionary<string, FieldPolicy> fields) => new(ExtractionKind.Object)
    {
        Members = [.. fields.OrderBy(static field => field.Key, StringComparer.Ordinal).Select(static field => new ExtractionMember(field.Key, Of(field.Value), field.Value.Required))],
    };

    private static ExtractionNode Of(FieldPolicy field)
    {
        var value = new ExtractionNode(field.Type switch
        {
            FieldType.String when field.Enum is not null => ExtractionKind.Choice,
            FieldType.String => ExtractionKind.Text,
            FieldType.Integer => ExtractionKind.Integer,
            FieldType.Number => ExtractionKind.Number,
            _ => ExtractionKind.Boolean,
        })
        {
            MaxLength = field.MaxLength ?? DefaultMaxLength,
            Words = field.Enum ?? [],
            Minimum = field.Minimum,
            Maximum = field.Maximum,
        };
        return (field.MaxItems is { } most ? new(ExtractionKind.Array) { Item = value, MaxItems = most } : value) with { Description = field.Description };
    }
}
