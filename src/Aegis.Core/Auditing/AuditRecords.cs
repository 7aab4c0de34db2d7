using System.Diagnostics;
using Aegis.Events;

namespace Aegis.Auditing;

/// <summary>Makes records of events.</summary>
/// <param name="instance">The instance of the app.</param>
/// <param name="region">Where it is.</param>
internal sealed class AuditRecords(string instance, string? region)
{
    /// <summary>Words of a list, at most, in a record as in a span: a line has an end.</summary>
    public const int MostWords = 64;

    public string Instance { get; } = AuditText.Of(instance)!;

    public string? Region { get; } = AuditText.Of(region);

    public AuditRecord Of(AegisEvent e, bool redacts)
    {
        var findings = e.Verdict.Findings;
        return new()
        {
            Time = e.Time,
            Type = e.Type,
            Decision = e.Decision,
            Verdict = e.Verdict.Decision,
            Rules = RulesOf(e.Verdict),
            Owasp = Distinct(findings, static finding => finding.Owasp),
            Atlas = Distinct(findings, static finding => finding.Atlas),
            Details = redacts ? [] : Distinct(findings, static finding => finding.Detail is { } detail ? [$"{finding.Rule}: {detail}"] : []),
            DecisionId = e.Id.ToString(),
            Session = AuditText.Of(e.Session.Id),
            Principal = AuditText.Of(e.Session.Principal),
            Tenant = AuditText.Of(e.Session.Tenant),
            Run = e.Run,
            Request = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : null,
            Trace = Activity.Current is { IdFormat: ActivityIdFormat.W3C } span ? span.Context : default,
            Checkpoint = e.Checkpoint,
            Tool = AuditText.Of(redacts ? e.ShownTool : e.Tool),
            Policy = AuditText.Of(e.Policy),
            PolicyHash = e.PolicyHash,
            Duration = e.Duration,
            Lock = e.Lock,
            LockedUntil = e.LockedUntil,
            By = AuditText.Of(e.By),
            Reason = AuditText.Of(e.Reason),
            Instance = Instance,
            Region = Region,
        };
    }

    /// <summary>A record about the log itself.</summary>
    public AuditRecord Of(string type, DateTimeOffset time, long count, string? detail = null) => new() { Time = time, Type = type, Count = count, Details = detail is null ? [] : [detail], Instance = Instance, Region = Region };

    /// <summary>Ids of the rules, as a record has them.</summary>
    public static List<string> RulesOf(Verdict verdict) => Distinct(verdict.Findings, static finding => [finding.Rule]);

    private static List<string> Distinct(IReadOnlyList<Finding> findings, Func<Finding, IReadOnlyList<string>> of)
    {
        List<string>? all = null;
        foreach (var finding in findings)
        {
            foreach (var word in of(finding))
            {
                if (all?.Count >= MostWords)
                {
                    return all;
                }

                if (AuditText.Of(word) is { } clean && all?.Contains(clean, StringComparer.Ordinal) != true)
                {
                    (all ??= new(2)).Add(clean);
                }
            }
        }

        return all ?? [];
    }
}
