namespace Aegis.Tools;

/// <summary>Who runs a tool.</summary>
public enum ToolKind
{
    /// <summary>A function of the app, a remote (MCP) one included.</summary>
    Function,

    /// <summary>The provider searches the web.</summary>
    WebSearch,

    /// <summary>The provider runs code in its sandbox.</summary>
    CodeInterpreter,

    /// <summary>The provider searches stored files.</summary>
    FileSearch,

    /// <summary>The provider makes images.</summary>
    ImageGeneration,

    /// <summary>The provider calls an MCP server.</summary>
    McpServer,

    /// <summary>Run by the provider, of a kind that Aegis does not know.</summary>
    UnknownHosted,
}
