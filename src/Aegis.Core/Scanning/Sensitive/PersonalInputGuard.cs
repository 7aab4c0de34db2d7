namespace Aegis.Scanning.Sensitive;

/// <summary>Personal data in what a user types.</summary>
/// <param name="scanner">What is looked for.</param>
/// <param name="handling">What happens to it; what is redacted can come back.</param>
internal sealed class PersonalInputGuard(SensitiveScanner scanner, PersonalHandling handling) : IGuard<UserInput>
{
    public ValueTask<Verdict> InspectAsync(UserInput subject, GuardContext context, CancellationToken cancellationToken)
    {
        if (subject.Role != InputRole.User)
        {
            return new(Verdict.None);
        }

        var hits = new List<SensitiveHit>();
        scanner.Read(subject.Text, 0, subject.Text.Length, isLast: true, hits);
        handling.Settle(hits);
        var findings = new List<Finding>(hits.Count);
        foreach (var hit in hits)
        {
            var decision = handling.Of(hit.Rule);
            if (findings.Count > 0 && findings[^1].Range is { } before && hit.Range.Start < before.End)
            {
                var stricter = decision > findings[^1].Decision ? decision : findings[^1].Decision;
                findings[^1] = findings[^1] with { Decision = stricter, Range = new(before.Start, Math.Max(before.End, hit.Range.End)) };   // one value, so that it comes back whole
                continue;
            }

            findings.Add(new(hit.Rule.Id, decision) { Range = hit.Range, Replacement = hit.Rule.Placeholder, IsReversible = true, Type = hit.Rule.Type, Category = "personal-data", Owasp = ["LLM02:2025"] });
        }

        return new(findings.Count == 0 ? Verdict.None : Verdict.Of([.. findings]));
    }
}
