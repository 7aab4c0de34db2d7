namespace Aegis.Policies;

/// <summary>Which results of a tool are replaced by the data in them.</summary>
public enum ExtractWhen
{
    /// <summary>Those with a risk from <see cref="SandboxPolicy.Threshold"/> on.</summary>
    Risky,

    /// <summary>All of them.</summary>
    Always,
}
