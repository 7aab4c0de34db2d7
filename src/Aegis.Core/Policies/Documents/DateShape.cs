using System.Globalization;
using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A day, as <c>2027-06-30</c>.</summary>
internal sealed class DateShape : Shape<DateOnly>
{
    private const string Format = "yyyy-MM-dd";

    public override bool TryRead(DocumentNode node, string path, DateOnly current, PolicyReading reading, out DateOnly value)
    {
        value = current;
        return node.Kind is not (DocumentKind.Text or DocumentKind.Any)
            ? Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a day such as '2027-06-30', not {Said(node)}.", current, out value)
            : DateOnly.TryParseExact(node.Text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out value)
                || Refuse(reading, PolicyErrorCodes.Duration, node, path, $"'{PolicyErrorList.Shown(node.Text)}' is not a day. Write year, month and day, as in '2027-06-30'.", current, out value);
    }

    public override void Check(DateOnly value, string path, PolicyChecks checks)
    {
        // Every day is one.
    }

    public override JsonNode? Write(DateOnly value) => JsonValue.Create(value.ToString(Format, CultureInfo.InvariantCulture));

    public override JsonObject Schema() => new() { ["type"] = "string", ["format"] = "date", ["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" };
}
