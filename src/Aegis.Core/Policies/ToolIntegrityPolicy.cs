namespace Aegis.Policies;

/// <summary>Tools stay what they were when they were approved. One whose description, schema or annotations have changed, that came back under another name, or that another server offers under the same name or one that looks like it, is not offered to the model, and a call to it is blocked, until it is approved again.</summary>
public sealed record ToolIntegrityPolicy
{
    /// <summary>Which tools are approved.</summary>
    /// <value><see cref="ToolIntegrityMode.FirstUse"/>.</value>
    public ToolIntegrityMode Mode { get; init; }
}
