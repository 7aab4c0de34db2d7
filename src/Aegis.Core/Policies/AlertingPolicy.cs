namespace Aegis.Policies;

/// <summary>Who is told when something happens too often. Every event counts, whatever is logged or kept of it.</summary>
public sealed record AlertingPolicy
{
    /// <summary>The rules, 1 to 1,000.</summary>
    /// <value>None, which is refused at start.</value>
    public IReadOnlyList<AlertRulePolicy> Rules { get; init; } = [];
}
