using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>A framework's tool in the words of Aegis.</summary>
internal static class ToolReader
{
    public static ToolInfo Read(AITool tool) => tool switch
    {
        AIFunctionDeclaration function => new(function.Name)
        {
            LocalName = KernelLoop.LocalNameOf(function),
            Description = function.Description,
            Schema = function.JsonSchema,
            Destructive = Hint(function, "destructiveHint"),
            ReadOnly = Hint(function, "readOnlyHint"),
            Idempotent = Hint(function, "idempotentHint"),
            OpenWorld = Hint(function, "openWorldHint"),
            Title = function.AdditionalProperties.TryGetValue("title", out var title) ? title as string : null,
            Server = tool.GetService<ServerFunction>()?.Server,
            Source = SourceOf(tool),
        },
        HostedMcpServerTool mcp => Hosted(tool, HostedTools.McpServer(mcp.ServerName), ToolKind.McpServer, mcp.ServerDescription) with { Server = mcp.ServerAddress },
        HostedWebSearchTool => Hosted(tool, HostedTools.WebSearch, ToolKind.WebSearch),
        HostedCodeInterpreterTool => Hosted(tool, HostedTools.CodeInterpreter, ToolKind.CodeInterpreter),
        HostedFileSearchTool => Hosted(tool, HostedTools.FileSearch, ToolKind.FileSearch),
        HostedImageGenerationTool => Hosted(tool, HostedTools.ImageGeneration, ToolKind.ImageGeneration),
        _ => Hosted(tool, HostedTools.Unknown(tool.Name), ToolKind.UnknownHosted),
    };

    /// <summary>The tool that the app has made, whatever Aegis has put around it.</summary>
    public static AITool SourceOf(AITool tool)
    {
        while (tool.GetService<GuardedAIFunction>() is { } guarded)
        {
            tool = guarded.Inner;
        }

        return tool;
    }

    /// <summary>What the model reads of a tool.</summary>
    public static string DescriptionOf(ToolInfo tool) => tool.Schema is { } schema && ContentText.Of(schema, AIJsonUtilities.DefaultOptions) is var (text, _)
        ? $"{tool.Name}\n{tool.Description}\n{text}"
        : $"{tool.Name}\n{tool.Description}";

    private static ToolInfo Hosted(AITool tool, string name, ToolKind kind, string? description = null) => new(name)
    {
        Kind = kind,
        Description = description ?? tool.Description,
        Source = tool,
    };

    /// <summary>An MCP annotation, as <c>AdditionalProperties</c> carry it.</summary>
    private static bool? Hint(AITool tool, string name) => tool.AdditionalProperties.TryGetValue(name, out var value) && value is bool hint ? hint : null;
}
