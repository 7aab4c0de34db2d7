using Aegis.Sandboxing;
using Aegis.Tools.Arguments;

namespace Aegis.Policies.Documents;

/// <summary>The members of fields of extracted data, for the table of <see cref="PolicyShape"/>.</summary>
internal static class FieldShape
{
    private static readonly OptionalValueShape<decimal> Bound = new(new NumberShape<decimal>(decimal.MinValue, decimal.MaxValue));

    private static readonly TextKind Word = new(
        static text => IsWord(text) ? null : (PolicyErrorCodes.Name, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is no word. Use 1 to {SchemaLimits.Word} characters, without control characters.")),
        SchemaLimits.Word);

    private static readonly TextKind Description = new(
        static text => text.Length is > 0 and <= SchemaLimits.Description && LookAlikeMarks.IsText(text) ? null : (PolicyErrorCodes.Range, FormattableString.Invariant($"has 1 to {SchemaLimits.Description} characters.")),
        SchemaLimits.Description);

    private static readonly ObjectShape<FieldPolicy> Field = new(
        static () => new(),
        new Member<FieldPolicy, FieldType>("type", "What it is: string, a stretch of the document to the letter; number; integer; boolean.", static part => part.Type, static (part, value) => part with { Type = value }, new ChoiceShape<FieldType>(("string", FieldType.String), ("number", FieldType.Number), ("integer", FieldType.Integer), ("boolean", FieldType.Boolean))),
        new Member<FieldPolicy, IReadOnlyList<string>?>("enum", "The words that it may be, which need not stand in the document; null: whatever stands in it.", static part => part.Enum, static (part, value) => part with { Enum = value }, new OptionalShape<IReadOnlyList<string>>(new ListShape(Word))),
        new Member<FieldPolicy, int?>("maxLength", "Characters of a text, at most; null: 200.", static part => part.MaxLength, static (part, value) => part with { MaxLength = value }, new OptionalValueShape<int>(new NumberShape<int>(1, SchemaLimits.MaxLength))),
        new Member<FieldPolicy, decimal?>("minimum", "A number, at least; null: no bound.", static part => part.Minimum, static (part, value) => part with { Minimum = value }, Bound),
        new Member<FieldPolicy, decimal?>("maximum", "A number, at most; null: no bound.", static part => part.Maximum, static (part, value) => part with { Maximum = value }, Bound),
        new Member<FieldPolicy, int?>("maxItems", "It is a list of such values, so long at most; null: it is one value.", static part => part.MaxItems, static (part, value) => part with { MaxItems = value }, new OptionalValueShape<int>(new NumberShape<int>(1, SchemaLimits.MaxItems))),
        new Member<FieldPolicy, bool>("required", "Whether there is no data without it.", static part => part.Required, static (part, value) => part with { Required = value }, new FlagShape()),
        new Member<FieldPolicy, string?>("description", "What the model that takes it out is told of it; null: its name alone.", static part => part.Description, static (part, value) => part with { Description = value }, new OptionalShape<string>(new TextShape(Description))));

    /// <summary>The fields of a tool's results.</summary>
    public static MapShape<FieldPolicy> Fields { get; } = new(Field, new(Word, static name => name, "case counts"));

    private static bool IsWord(string text) => text.Length is > 0 and <= SchemaLimits.Word && !text.Any(char.IsControl) && LookAlikeMarks.IsText(text);
}
