using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A number in a range.</summary>
/// <typeparam name="T">Its type; whole ones take whole numbers only.</typeparam>
/// <param name="least">At least.</param>
/// <param name="most">At most; null: as much as one likes.</param>
/// <param name="exclusive">Whether <paramref name="least"/> itself is too small.</param>
internal sealed class NumberShape<T>(T least, T? most = null, bool exclusive = false) : Shape<T>
    where T : struct, INumber<T>
{
    private static readonly bool IsWhole = typeof(T) == typeof(int) || typeof(T) == typeof(long);

    public override bool TryRead(DocumentNode node, string path, T current, PolicyReading reading, out T value)
    {
        if (node.Kind is DocumentKind.Number or DocumentKind.Any && T.TryParse(node.Text, IsWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float, CultureInfo.InvariantCulture, out value) && T.IsFinite(value))
        {
            return true;
        }

        return node.Kind == DocumentKind.Number && double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (!IsWhole || Math.Floor(number) == number)
            ? Refuse(reading, PolicyErrorCodes.Range, node, path, $"'{PolicyErrorList.Shown(node.Text)}' is out of range. {Range}", current, out value)
            : Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a {(IsWhole ? "whole number" : "number")}, not {Said(node)}.", current, out value);
    }

    public override void Check(T value, string path, PolicyChecks checks)
    {
        if (!(value >= least && !(exclusive && value == least) && !(most is { } top && value > top)))
        {
            checks.Add(PolicyErrorCodes.Range, path, $"{value.ToString(null, CultureInfo.InvariantCulture)} is out of range. {Range}");
        }
    }

    public override JsonNode? Write(T value) => JsonNode.Parse(value.ToString(null, CultureInfo.InvariantCulture));

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = IsWhole ? "integer" : "number", [exclusive ? "exclusiveMinimum" : "minimum"] = Write(least) };
        if (most is { } top)
        {
            schema["maximum"] = Write(top);
        }

        return schema;
    }

    private string Range => (most, exclusive) switch
    {
        ({ } top, true) => $"Use more than {Text(least)}, up to {Text(top)}.",
        ({ } top, false) => $"Use {Text(least)} to {Text(top)}.",
        (null, true) => $"Use more than {Text(least)}.",
        _ => $"Use {Text(least)} or more.",
    };

    private static string Text(T number) => number.ToString("#,0.######", CultureInfo.InvariantCulture);
}
