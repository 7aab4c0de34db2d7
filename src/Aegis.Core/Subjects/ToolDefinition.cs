namespace Aegis;

/// <summary>A tool as the model would read it.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Text">Its description and schema.</param>
public sealed record ToolDefinition(string Tool, string Text) : TextSubject(Text)
{
    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.ToolDescription;
}
