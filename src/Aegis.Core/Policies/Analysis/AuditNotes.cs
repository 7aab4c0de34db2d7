namespace Aegis.Policies.Analysis;

/// <summary>Finds settings of <c>audit</c> that do nothing.</summary>
internal static class AuditNotes
{
    private static readonly string[] OfFile = ["$.audit.path", "$.audit.key", "$.audit.keys", "$.audit.rotation", "$.audit.fsync", "$.audit.checkpointRecords", "$.audit.checkpointInterval"];

    /// <summary>What is to be said of a policy's audit log.</summary>
    public static IEnumerable<PolicyNote> Of(AegisPolicy policy)
    {
        if (policy.Audit is not { } audit)
        {
            yield break;
        }

        if (audit.Content == AuditContentMode.None && policy.Places.ContainsKey("$.audit.contentKey"))
        {
            yield return new(PolicyAnalyzer.Idle, "$.audit.contentKey", "seals nothing: audit.content is 'none'.");
        }

        if (!audit.Required && policy.Places.ContainsKey("$.audit.timeout"))
        {
            yield return new(PolicyAnalyzer.Idle, "$.audit.timeout", "holds nothing up: audit.required is off, and no inspection waits for its record.");
        }

        if (audit.BackPressure != AuditBackPressure.Spill && policy.Places.ContainsKey("$.audit.spillTo"))
        {
            yield return new(PolicyAnalyzer.Idle, "$.audit.spillTo", "takes nothing: audit.backPressure is not 'spill'.");
        }

        if (!audit.Transports.Contains(AuditPolicy.JsonFile, StringComparer.Ordinal))
        {
            foreach (var path in OfFile.Where(policy.Places.ContainsKey))
            {
                yield return new(PolicyAnalyzer.Idle, path, "is about no file: audit.transports has no 'json-file'.");
            }
        }
    }
}
