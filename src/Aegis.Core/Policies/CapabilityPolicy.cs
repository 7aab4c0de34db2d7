namespace Aegis.Policies;

/// <summary>Which tools may be called, by glob (<c>*</c> and <c>?</c> anywhere, case does not count). deny before requireApproval before allow; what nothing allows is denied.</summary>
public sealed record CapabilityPolicy
{
    /// <summary>Tools that may be called.</summary>
    /// <value>None: nothing may be called.</value>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Tools that may not, whatever else is said. Look-alike names match.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>Tools that may be called when a person says yes. Look-alike names match.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> RequireApproval { get; init; } = [];
}
