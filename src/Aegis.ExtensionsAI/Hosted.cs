using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Calls that the provider runs by itself, and their results, in the words of Aegis.</summary>
internal static class Hosted
{
    /// <summary>The call, if it is one.</summary>
    public static ToolCall? CallOf(AIContent content) => content switch
    {
        McpServerToolCallContent mcp => Call(HostedTools.McpTool(mcp.ServerName ?? "unknown", mcp.Name), ToolArguments.From(mcp.Arguments)),
        CodeInterpreterToolCallContent code => Call(HostedTools.CodeInterpreter, Inputs(TextOf(code.Inputs))),
        WebSearchToolCallContent search => Call(HostedTools.WebSearch, ToolArguments.From([new("queries", search.Queries)])),
        ImageGenerationToolCallContent => Call(HostedTools.ImageGeneration, ToolArguments.Empty),
        FunctionCallContent => null,
        ToolCallContent => Call(HostedTools.Unknown(content.GetType().Name), ToolArguments.Unparsable),
        _ => null,
    };

    /// <summary>The text of a hosted call or result; null for what cannot be read.</summary>
    public static string? TextOf(AIContent content) => content switch
    {
        McpServerToolResultContent mcp => TextOf(mcp.Outputs),
        CodeInterpreterToolResultContent code => TextOf(code.Outputs),
        WebSearchToolResultContent search => TextOf(search.Outputs),
        ImageGenerationToolResultContent => "",
        _ when CallOf(content) is { Arguments: { Refusal: null } arguments } call => $"{call.Tool}\n{arguments.Text}",
        _ => null,
    };

    /// <summary>The same content without anything that was not read.</summary>
    public static AIContent? CopyOf(AIContent content) => content switch
    {
        McpServerToolCallContent mcp => new McpServerToolCallContent(mcp.CallId, mcp.Name, mcp.ServerName) { Arguments = mcp.Arguments },
        McpServerToolResultContent mcp => new McpServerToolResultContent(mcp.CallId) { Outputs = CopiesOf(mcp.Outputs) },
        CodeInterpreterToolCallContent code => new CodeInterpreterToolCallContent(code.CallId) { Inputs = CopiesOf(code.Inputs) },
        CodeInterpreterToolResultContent code => new CodeInterpreterToolResultContent(code.CallId) { Outputs = CopiesOf(code.Outputs) },
        WebSearchToolCallContent search => new WebSearchToolCallContent(search.CallId) { Queries = search.Queries },
        WebSearchToolResultContent search => new WebSearchToolResultContent(search.CallId) { Outputs = CopiesOf(search.Outputs) },
        ImageGenerationToolCallContent image => new ImageGenerationToolCallContent(image.CallId),
        ImageGenerationToolResultContent image => new ImageGenerationToolResultContent(image.CallId) { Outputs = CopiesOf(image.Outputs) },
        TextContent text => new TextContent(text.Text),
        TextReasoningContent thought => new TextReasoningContent(thought.Text),
        ErrorContent error => new ErrorContent(error.Message) { ErrorCode = error.ErrorCode, Details = error.Details },
        DataContent data => new DataContent(data.Data, data.MediaType),
        UriContent uri => new UriContent(uri.Uri, uri.MediaType),
        HostedFileContent file => new HostedFileContent(file.FileId),
        FunctionResultContent result => new FunctionResultContent(result.CallId, result.Result),
        _ => null,
    };

    /// <summary>A hosted result with each of its outputs changed, in place.</summary>
    public static AIContent WithOutputs(AIContent result, Func<AIContent, AIContent> change)
    {
        switch (result)
        {
            case McpServerToolResultContent { Outputs: { } outputs } mcp:
                mcp.Outputs = [.. outputs.Select(change)];
                break;
            case CodeInterpreterToolResultContent { Outputs: { } outputs } code:
                code.Outputs = [.. outputs.Select(change)];
                break;
            case WebSearchToolResultContent { Outputs: { } outputs } search:
                search.Outputs = [.. outputs.Select(change)];
                break;
        }

        return result;
    }

    private static List<AIContent>? CopiesOf(IList<AIContent>? contents) => contents is null ? null : [.. contents.Select(CopyOf).OfType<AIContent>()];

    private static ToolCall Call(string name, ToolArguments arguments) => new(name, arguments) { IsHosted = true };

    private static ToolArguments Inputs(string? text) => text is null ? ToolArguments.Unparsable : ToolArguments.From([new("inputs", text)]);

    /// <summary>Pictures and files cannot be read and are not text that a model takes orders from here; everything else is read or nothing is.</summary>
    private static string? TextOf(IEnumerable<AIContent>? contents)
    {
        var texts = new List<string>();
        foreach (var content in contents ?? [])
        {
            var text = content switch
            {
                TextContent part => part.Text,
                TextReasoningContent part => part.Text,
                ErrorContent part => $"{part.Message}\n{part.Details}",
                UriContent part => part.Uri.ToString(),
                DataContent part when part.HasTopLevelMediaType("text") => TextData.Of(part),
                DataContent or HostedFileContent => "",
                FunctionResultContent part => ContentText.Of(part.Result, AIJsonUtilities.DefaultOptions)?.Text,
                _ => null,
            };
            if (text is null)
            {
                return null;
            }

            texts.Add(text);
        }

        return string.Join('\n', texts);
    }
}
