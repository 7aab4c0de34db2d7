namespace Aegis.Policies.Documents;

/// <summary>What comes of reading a policy document beside the policy.</summary>
/// <param name="errors">Every mistake.</param>
internal sealed class PolicyReading(PolicyErrorList errors)
{
    public PolicyErrorList Errors => errors;

    /// <summary>Where the members stand, by path.</summary>
    public Dictionary<string, DocumentPosition> Places { get; } = new(StringComparer.Ordinal);
}
