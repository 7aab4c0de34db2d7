using Aegis.Sandboxing;

namespace Aegis.Policies.Documents;

/// <summary>Mistakes in fields of extracted data that show only when their members are seen together.</summary>
internal static class FieldChecks
{
    public static void Check(AegisPolicy policy, PolicyChecks checks)
    {
        foreach (var (glob, tool) in policy.Tools ?? new Dictionary<string, ToolPolicy>())
        {
            if (tool is not null)
            {
                var at = PolicyErrorList.Entry("$.tools", glob);
                Check(tool, at, checks);
                if (tool.ExtractWhen == ExtractWhen.Always && policy.Sandbox is null)
                {
                    checks.Add(PolicyErrorCodes.Missing, $"{at}.extractWhen", "replaces nothing: there is no 'sandbox', and every result would go on whole. Add \"sandbox\": { \"threshold\": 0.5 }, or leave 'extractWhen' out.");
                }
            }
        }

        if (policy is { Sandbox: { } sandbox, Scanner: { } scans } && sandbox.Threshold > PolicyCompiler.BlockLine(scans.Sensitivity))
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.sandbox.threshold", FormattableString.Invariant($"{sandbox.Threshold} is above the block line {PolicyCompiler.BlockLine(scans.Sensitivity):0.00} of scanner.sensitivity, from which results are replaced anyway. Use that or less."));
        }
    }

    private static void Check(ToolPolicy tool, string at, PolicyChecks checks)
    {
        IReadOnlyDictionary<string, FieldPolicy> fields = tool.Extract ?? new Dictionary<string, FieldPolicy>();
        if (tool.ExtractWhen == ExtractWhen.Always && fields.Count == 0)
        {
            checks.Add(PolicyErrorCodes.Missing, $"{at}.extractWhen", "replaces results by nothing. Add the fields of 'extract'.");
        }

        foreach (var (name, field) in fields)
        {
            Check(field, PolicyErrorList.Entry($"{at}.extract", name), checks);
        }

        if (fields.Count > SchemaLimits.Members)
        {
            checks.Add(PolicyErrorCodes.Limits, $"{at}.extract", FormattableString.Invariant($"has {fields.Count} fields; at most {SchemaLimits.Members}."));
        }
        else if (fields.Count > 0 && fields.Values.All(static field => field is { Enum: null or { Count: > 0 } }))
        {
            var mistakes = new List<string>();
            SchemaLimits.Check(FieldSchema.Of(fields), mistakes);
            mistakes.ForEach(mistake => checks.Add(PolicyErrorCodes.Limits, $"{at}.extract", mistake[3..]));
        }
    }

    private static void Check(FieldPolicy? field, string at, PolicyChecks checks)
    {
        if (field is null)
        {
            return;   // said by the shape
        }

        var isText = field is { Type: FieldType.String, Enum: null };
        Only(field.Enum is not null && field.Type != FieldType.String, "enum", "is for texts");
        Only(field.MaxLength is not null && !isText, "maxLength", "is for texts without 'enum'");
        Only((field.Minimum ?? field.Maximum) is not null && field.Type is not (FieldType.Number or FieldType.Integer), field.Minimum is not null ? "minimum" : "maximum", "is for numbers");
        if (field.Minimum > field.Maximum)
        {
            checks.Add(PolicyErrorCodes.Contradiction, $"{at}.minimum", "is more than maximum: no number holds.");
        }

        if (field.Enum is { Count: 0 or > SchemaLimits.Words })
        {
            checks.Add(PolicyErrorCodes.Range, $"{at}.enum", FormattableString.Invariant($"wants 1 to {SchemaLimits.Words} words."));
        }

        void Only(bool isWrong, string member, string what)
        {
            if (isWrong)
            {
                checks.Add(PolicyErrorCodes.Contradiction, $"{at}.{member}", $"{what}. Leave it out, or change 'type'.");
            }
        }
    }
}
