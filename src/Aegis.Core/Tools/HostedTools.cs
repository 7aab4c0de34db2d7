namespace Aegis.Tools;

/// <summary>Names under which a policy speaks of tools that the provider runs.</summary>
internal static class HostedTools
{
    public const string CodeInterpreter = "hosted:code_interpreter";
    public const string WebSearch = "hosted:web_search";
    public const string FileSearch = "hosted:file_search";
    public const string ImageGeneration = "hosted:image_generation";

    /// <summary>A hosted MCP server is judged by its name, and its tools as <c>mcp:server/tool</c>.</summary>
    public static string McpServer(string server) => $"mcp:{server}";

    public static string McpTool(string server, string tool) => $"mcp:{server}/{tool}";

    public static string Unknown(string type) => $"hosted:{type}";
}
