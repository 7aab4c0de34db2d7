namespace Aegis;

/// <summary>Where in an agent's loop something is inspected.</summary>
public enum Checkpoint
{
    /// <summary>Text that enters the conversation: what a user typed, or a turn that a client sent back.</summary>
    Input,

    /// <summary>A tool's name, description and schema, before the model reads them.</summary>
    ToolDescription,

    /// <summary>The model is about to be asked, with these tools.</summary>
    ModelStep,

    /// <summary>A tool call, before it runs.</summary>
    ToolArguments,

    /// <summary>What a tool returned, before the model reads it.</summary>
    ToolResult,

    /// <summary>What the model said, before anybody reads it.</summary>
    Output,
}
