using System.Text;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Calls that the provider ran by itself, in the words of Aegis.</summary>
internal static class Hosted
{
    /// <summary>The call, if it is one.</summary>
    public static ToolCall? CallOf(AIContent content) => content switch
    {
        McpServerToolCallContent mcp => new(HostedTools.McpTool(mcp.ServerName ?? "unknown", mcp.Name), ToolArguments.From(mcp.Arguments)),
        CodeInterpreterToolCallContent => new(HostedTools.CodeInterpreter, ToolArguments.Empty),
        WebSearchToolCallContent search => new(HostedTools.WebSearch, ToolArguments.From([new("queries", search.Queries)])),
        ImageGenerationToolCallContent => new(HostedTools.ImageGeneration, ToolArguments.Empty),
        FunctionCallContent => null,
        ToolCallContent => new(HostedTools.Unknown(content.GetType().Name), ToolArguments.Empty),
        _ => null,
    };

    /// <summary>The text of a hosted call or result; null for contents that are neither.</summary>
    public static string? OutputsOf(AIContent content) => content switch
    {
        McpServerToolResultContent mcp => TextOf(mcp.Outputs),
        CodeInterpreterToolResultContent code => TextOf(code.Outputs),
        WebSearchToolResultContent search => TextOf(search.Outputs),
        ImageGenerationToolResultContent => "",
        McpServerToolCallContent or CodeInterpreterToolCallContent or WebSearchToolCallContent or ImageGenerationToolCallContent => "",
        _ => null,
    };

    private static string TextOf(IEnumerable<AIContent>? outputs)
    {
        var text = new StringBuilder();
        foreach (var output in outputs ?? [])
        {
            text.Append(output switch
            {
                TextContent content => content.Text,
                ErrorContent error => $"{error.Message}\n{error.Details}",
                UriContent uri => uri.Uri.ToString(),
                _ => "",
            }).Append('\n');
        }

        return text.ToString();
    }
}
