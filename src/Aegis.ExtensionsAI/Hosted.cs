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
        CodeInterpreterToolCallContent code => Call(HostedTools.CodeInterpreter, Inputs(TextOf(code.Inputs, null))),
        WebSearchToolCallContent search => Call(HostedTools.WebSearch, ToolArguments.From([new("queries", search.Queries)])),
        ImageGenerationToolCallContent => Call(HostedTools.ImageGeneration, ToolArguments.Empty),
        FunctionCallContent => null,
        ToolCallContent => Call(HostedTools.Unknown(content.GetType().Name), ToolArguments.Unparsable),
        _ => null,
    };

    /// <summary>What a hosted tool has returned.</summary>
    public static IList<AIContent>? OutputsOf(AIContent content) => content switch
    {
        McpServerToolResultContent mcp => mcp.Outputs,
        CodeInterpreterToolResultContent code => code.Outputs,
        WebSearchToolResultContent search => search.Outputs,
        ImageGenerationToolResultContent image => image.Outputs,
        _ => null,
    };

    /// <summary>The text of a hosted call or result; null for what cannot be read.</summary>
    /// <param name="content">The call or the result.</param>
    /// <param name="media">What stands in its media; left out: nobody has read that.</param>
    public static string? TextOf(AIContent content, MediaTexts? media = null) => content switch
    {
        McpServerToolResultContent mcp => TextOf(mcp.Outputs, media),
        CodeInterpreterToolResultContent code => TextOf(code.Outputs, media),
        WebSearchToolResultContent search => TextOf(search.Outputs, media),
        ImageGenerationToolResultContent image => TextOf(image.Outputs, media),
        _ when CallOf(content) is { Arguments: { Refusal: null } arguments } call => $"{call.Tool}\n{arguments.Text}",
        _ => null,
    };

    /// <summary>The same content without anything that was not read.</summary>
    /// <param name="content">The content.</param>
    /// <param name="media">What goes on in the place of its media; left out: they go on themselves.</param>
    public static AIContent? CopyOf(AIContent content, MediaTexts? media = null) => media?.Of(content)?.Copy ?? content switch
    {
        McpServerToolCallContent mcp => new McpServerToolCallContent(mcp.CallId, mcp.Name, mcp.ServerName) { Arguments = mcp.Arguments },
        McpServerToolResultContent mcp => new McpServerToolResultContent(mcp.CallId) { Outputs = CopiesOf(mcp.Outputs, media) },
        CodeInterpreterToolCallContent code => new CodeInterpreterToolCallContent(code.CallId) { Inputs = CopiesOf(code.Inputs, null) },
        CodeInterpreterToolResultContent code => new CodeInterpreterToolResultContent(code.CallId) { Outputs = CopiesOf(code.Outputs, media) },
        WebSearchToolCallContent search => new WebSearchToolCallContent(search.CallId) { Queries = search.Queries },
        WebSearchToolResultContent search => new WebSearchToolResultContent(search.CallId) { Outputs = CopiesOf(search.Outputs, media) },
        ImageGenerationToolCallContent image => new ImageGenerationToolCallContent(image.CallId),
        ImageGenerationToolResultContent image => new ImageGenerationToolResultContent(image.CallId) { Outputs = CopiesOf(image.Outputs, media) },
        TextContent text => new TextContent(text.Text),
        TextReasoningContent thought => new TextReasoningContent(thought.Text),
        ErrorContent error => new ErrorContent(error.Message) { ErrorCode = error.ErrorCode, Details = error.Details },
        DataContent data => new DataContent(data.Data, data.MediaType),
        UriContent uri => new UriContent(uri.Uri, uri.MediaType),
        HostedFileContent file => new HostedFileContent(file.FileId),
        FunctionResultContent result => new FunctionResultContent(result.CallId, media is null ? result.Result : ContentText.Of(result.Result, AIJsonUtilities.DefaultOptions, media.Of)?.Value),
        _ => null,
    };

    /// <summary>A hosted result with each of its outputs changed, in place.</summary>
    public static AIContent WithOutputs(AIContent result, Func<AIContent, AIContent> change) =>
        OutputsOf(result) is { } outputs ? With(result, [.. outputs.Select(change)]) : result;

    /// <summary>Whether an output of a hosted result is a picture or a file of which nobody has read what stands in it.</summary>
    public static bool IsUnread(AIContent output, MediaTexts? media) =>
        media?.Of(output) is null && output is UriContent or HostedFileContent or DataContent && TextData.Of(output) is null;

    /// <summary>A copy of a hosted result without the outputs that nobody has read.</summary>
    public static AIContent WithoutUnread(AIContent result, MediaTexts? media) =>
        With(CopyOf(result)!, CopiesOf([.. OutputsOf(result)!.Where(output => !IsUnread(output, media))], media)!);

    private static AIContent With(AIContent result, IList<AIContent> outputs)
    {
        switch (result)
        {
            case McpServerToolResultContent mcp:
                mcp.Outputs = outputs;
                break;
            case CodeInterpreterToolResultContent code:
                code.Outputs = outputs;
                break;
            case WebSearchToolResultContent search:
                search.Outputs = outputs;
                break;
            case ImageGenerationToolResultContent image:
                image.Outputs = outputs;
                break;
        }

        return result;
    }

    private static List<AIContent>? CopiesOf(IList<AIContent>? contents, MediaTexts? media) => contents is null ? null : [.. contents.Select(content => CopyOf(content, media)).OfType<AIContent>()];

    private static ToolCall Call(string name, ToolArguments arguments) => new(name, arguments) { IsHosted = true };

    private static ToolArguments Inputs(string? text) => text is null ? ToolArguments.Unparsable : ToolArguments.From([new("inputs", text)]);

    /// <summary>Of pictures and files that nobody has read there is no text; the request seam leaves them out. Everything else is read, or nothing is.</summary>
    private static string? TextOf(IEnumerable<AIContent>? contents, MediaTexts? media)
    {
        var texts = new List<string>();
        foreach (var content in contents ?? [])
        {
            var text = media?.Of(content)?.Text ?? content switch
            {
                TextContent part => part.Text,
                TextReasoningContent part => part.Text,
                ErrorContent part => $"{part.Message}\n{part.Details}",
                UriContent part => part.Uri.ToString(),
                DataContent part when part.HasTopLevelMediaType("text") => TextData.Of(part),
                DataContent or HostedFileContent => "",
                FunctionResultContent part => ContentText.Of(part.Result, AIJsonUtilities.DefaultOptions, media is null ? null : media.Of)?.Text,
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
