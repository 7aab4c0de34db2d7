using System.Globalization;
using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>Bytes: a whole number, and KB, MB, GB or TB of 1,024 each.</summary>
/// <param name="least">At least.</param>
/// <param name="most">At most.</param>
internal sealed class SizeShape(long least, long most) : Shape<long>
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public override bool TryRead(DocumentNode node, string path, long current, PolicyReading reading, out long value)
    {
        value = current;
        return node.Kind is not (DocumentKind.Text or DocumentKind.Any or DocumentKind.Number)
            ? Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a size such as '50MB', not {Said(node)}.", current, out value)
            : TryParse(node.Text, out value) || Refuse(reading, PolicyErrorCodes.Range, node, path, $"'{PolicyErrorList.Shown(node.Text)}' is not a size. Write '50MB': a whole number and B, KB, MB, GB or TB.", current, out value);
    }

    public override void Check(long value, string path, PolicyChecks checks)
    {
        if (value < least || value > most)
        {
            checks.Add(PolicyErrorCodes.Range, path, $"'{Text(value)}' is out of range. Use {Text(least)} to {Text(most)}.");
        }
    }

    public override JsonNode? Write(long value) => JsonValue.Create(Text(value));

    public override JsonObject Schema() => new() { ["type"] = new JsonArray("string", "integer"), ["pattern"] = "^[0-9]{1,12}(B|KB|MB|GB|TB)$" };

    /// <summary>A size in the largest unit that says it whole.</summary>
    public static string Text(long value)
    {
        var unit = 0;
        for (; unit < Units.Length - 1 && value != 0 && value % 1024 == 0; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value}{Units[unit]}");
    }

    private static bool TryParse(string text, out long value)
    {
        value = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;
        var unit = digits == text.Length ? 0 : Array.IndexOf(Units, text[digits..]);
        if (digits is < 1 or > 12 || unit < 0)
        {
            return false;
        }

        var bytes = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture) * (decimal)(1L << (10 * unit));
        value = bytes > long.MaxValue ? long.MaxValue : (long)bytes;
        return true;
    }
}
