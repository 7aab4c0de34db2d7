namespace Aegis.Policies.Analysis;

/// <summary>Finds settings about answers that another one switches off.</summary>
internal static class AnswerNotes
{
    private static readonly string[] Personal = ["$.dataFlow.piiHandling", "$.dataFlow.piiAllow", "$.dataFlow.piiBlock"];

    /// <summary>What is to be said of a policy's settings about answers.</summary>
    public static IEnumerable<PolicyNote> Of(AegisPolicy policy)
    {
        var (output, flow) = (policy.Output, policy.DataFlow);
        if (output is { SanitizeMarkdown: false, AllowedHosts.Count: > 0 })
        {
            yield return new(PolicyAnalyzer.Idle, "$.output.allowedHosts", "allows what nothing takes out: output.sanitizeMarkdown is off.");
        }

        if (!output.DetectInjectionPayloads && IsSaid(policy, "$.output.payloads"))
        {
            yield return new(PolicyAnalyzer.Idle, "$.output.payloads", "are not looked for: output.detectInjectionPayloads is off.");
        }

        if (!output.DetectCanary && policy.CanaryTokens.Count > 0)
        {
            yield return new(PolicyAnalyzer.Idle, "$.canaryTokens", "are not looked for: output.detectCanary is off.");
        }

        if (!output.DetectSecrets && (!output.DetectCanary || policy.CanaryTokens.Count == 0) && IsSaid(policy, "$.output.blockOnLeak"))
        {
            yield return new(PolicyAnalyzer.Idle, "$.output.blockOnLeak", "is about nothing: neither secrets nor canary tokens are looked for.");
        }

        if (!flow.PiiScope.Any(place => place != PiiScope.Output || output.DetectPII))
        {
            foreach (var path in Personal.Where(path => IsSaid(policy, path)))
            {
                yield return new(PolicyAnalyzer.Idle, path, $"is about nothing: {(output.DetectPII ? "dataFlow.piiScope names no place" : "output.detectPII is off")}, so nobody looks for personal data.");
            }
        }

        if (policy.Retry is not null && output.Delivery != OutputDelivery.Buffered)
        {
            yield return new(PolicyAnalyzer.Idle, policy.AutoRetry is null ? "$.recovery.mode" : "$.autoRetry", "does not reach streams that have shown something: only output.delivery 'buffered' holds all of an answer back.");
        }

        for (var i = 0; i < output.RedactPatterns.Count; i++)
        {
            if (output.BlockPatterns.Contains(output.RedactPatterns[i], StringComparer.Ordinal))
            {
                yield return new(PolicyAnalyzer.Idle, FormattableString.Invariant($"$.output.redactPatterns[{i}]"), "replaces nothing: output.blockPatterns has the same pattern, which ends the answer.");
            }
        }
    }

    private static bool IsSaid(AegisPolicy policy, string path) => policy.Places.ContainsKey(path);
}
