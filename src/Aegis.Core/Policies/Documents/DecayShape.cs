using System.Globalization;
using System.Text.Json.Nodes;

namespace Aegis.Policies.Documents;

/// <summary>Fractions of the tools by step. Replaces the whole of what it extends: steps of two curves would make a third one.</summary>
internal sealed class DecayShape : Shape<IReadOnlyDictionary<int, double>>
{
    private static readonly NumberShape<double> Fraction = new(0, 1);

    public override bool TryRead(DocumentNode node, string path, IReadOnlyDictionary<int, double> current, PolicyReading reading, out IReadOnlyDictionary<int, double> value)
    {
        if (node.Kind != DocumentKind.Map)
        {
            return Refuse(reading, node.Kind == DocumentKind.Null ? PolicyErrorCodes.Null : PolicyErrorCodes.Type, node, path, $"wants members, a step and the fraction of the tools that stays, not {Said(node)}.", current, out value);
        }

        var steps = new Dictionary<int, double>();
        foreach (var member in node.Members)
        {
            var at = $"{path}['{PolicyErrorList.Shown(member.Name)}']";
            reading.Places[at] = member.At;
            if (!int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var step))
            {
                reading.Errors.Add(PolicyErrorCodes.Range, member.At, at, $"'{PolicyErrorList.Shown(member.Name)}' is not a step. Use whole numbers from 1 on.");
            }
            else if (Fraction.TryRead(member.Value, at, 0, reading, out var fraction) && !steps.TryAdd(step, fraction))
            {
                reading.Errors.Add(PolicyErrorCodes.Duplicate, member.At, at, $"'{PolicyErrorList.Shown(member.Name)}' stands here twice. Remove one.");
            }
        }

        value = steps;
        return true;
    }

    public override void Check(IReadOnlyDictionary<int, double> value, string path, PolicyChecks checks)
    {
        if (value is null)
        {
            checks.Add(PolicyErrorCodes.Null, path, "is null. Leave it out to keep the default.");
            return;
        }

        var last = 1.0;
        foreach (var (step, fraction) in value.OrderBy(static entry => entry.Key))
        {
            if (step < 1 || !(fraction >= 0 && fraction <= last))
            {
                checks.Add(PolicyErrorCodes.Range, FormattableString.Invariant($"{path}['{step}']"), FormattableString.Invariant($"{fraction} does not decay. Use steps from 1 on, and fractions that go down from 1 to 0."));
            }

            last = fraction;
        }
    }

    public override JsonNode? Write(IReadOnlyDictionary<int, double> value) =>
        new JsonObject(value.OrderBy(static entry => entry.Key).Select(static entry => KeyValuePair.Create(entry.Key.ToString(CultureInfo.InvariantCulture), Fraction.Write(entry.Value))));

    public override JsonObject Schema() => new()
    {
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["pattern"] = "^[1-9][0-9]{0,8}$" },
        ["additionalProperties"] = Fraction.Schema(),
    };
}
