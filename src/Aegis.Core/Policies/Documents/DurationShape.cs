using System.Globalization;
using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>A time: a whole number and its unit, one second to 366 days.</summary>
internal sealed class DurationShape : Shape<TimeSpan>
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(366);

    public override bool TryRead(DocumentNode node, string path, TimeSpan current, PolicyReading reading, out TimeSpan value)
    {
        value = current;
        if (node.Kind is not (DocumentKind.Text or DocumentKind.Any or DocumentKind.Number))
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants a duration such as '5m', not {Said(node)}.", current, out value);
        }

        return TryParse(node.Text, out value)
            || Refuse(reading, PolicyErrorCodes.Duration, node, path, $"'{PolicyErrorList.Shown(node.Text)}' is not a duration. Write {Meant(node.Text)}: a whole number and ms, s, m, h or d.", current, out value);
    }

    public override void Check(TimeSpan value, string path, PolicyChecks checks)
    {
        if (value < Least || value > Most)
        {
            checks.Add(PolicyErrorCodes.Range, path, $"'{Text(value)}' is out of range. Use 1s to 366d.");
        }
    }

    public override JsonNode? Write(TimeSpan value) => JsonValue.Create(Text(value));

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = "^[0-9]{1,9}(ms|s|m|h|d)$" };

    /// <summary>A time in the largest unit that says it whole.</summary>
    public static string Text(TimeSpan value)
    {
        var (count, unit) = value switch
        {
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerDay == 0 && ticks != 0 => (ticks / TimeSpan.TicksPerDay, "d"),
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerHour == 0 && ticks != 0 => (ticks / TimeSpan.TicksPerHour, "h"),
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerMinute == 0 && ticks != 0 => (ticks / TimeSpan.TicksPerMinute, "m"),
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerSecond == 0 => (ticks / TimeSpan.TicksPerSecond, "s"),
            { Ticks: var ticks } => (ticks / TimeSpan.TicksPerMillisecond, "ms"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
    }

    private static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > 9 || TicksOf(text[digits..]) is not { } unit)
        {
            return false;
        }

        value = new(long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture) * unit);
        return true;
    }

    private static long? TicksOf(string unit) => unit switch
    {
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        "d" => TimeSpan.TicksPerDay,
        _ => null,
    };

    /// <summary>What somebody may have meant by <c>1 hour</c> or by a number of milliseconds.</summary>
    private static string Meant(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit).Take(9));
        var unit = string.Concat(text.Where(char.IsAsciiLetter).Take(2)).ToUpperInvariant() switch
        {
            "" or "MI" when text.Contains("milli", StringComparison.OrdinalIgnoreCase) => "ms",
            "MS" => "ms",
            "S" or "SE" => "s",
            "M" or "MI" => "m",
            "H" or "HO" or "HR" => "h",
            "D" or "DA" => "d",
            "" => "ms",
            _ => null,
        };
        return digits.Length == 0 || unit is null ? "'5m'" : $"'{digits}{unit}'";
    }
}
