using Aegis.Prompting;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Takes marks out of one response, content by content. Text and reasoning may be cut anywhere. Not thread-safe.</summary>
internal sealed class Unmarker(Marks marks)
{
    private readonly MarkRemover _text = new(marks.Tokens);
    private readonly MarkRemover _thought = new(marks.Tokens);

    /// <summary>Contents without marks; the very same list where nothing changes.</summary>
    public IList<AIContent> Take(IList<AIContent> contents)
    {
        var clean = new List<AIContent>(contents.Count);
        foreach (var content in contents)
        {
            Take(content, clean);
        }

        return clean.Count == contents.Count && clean.Zip(contents).All(static pair => ReferenceEquals(pair.First, pair.Second)) ? contents : clean;
    }

    /// <summary>The message has ended: what was held back is no mark.</summary>
    public List<AIContent> Flush()
    {
        var rest = new List<AIContent>();
        FlushThought(rest);
        FlushText(rest);
        return rest;
    }

    private void Take(AIContent content, List<AIContent> clean)
    {
        switch (content)
        {
            case TextContent text:
                FlushThought(clean);
                var said = _text.Push(text.Text);
                if (ReferenceEquals(said, text.Text))
                {
                    clean.Add(text);
                }
                else if (said.Length > 0)
                {
                    clean.Add(new TextContent(said) { AdditionalProperties = text.AdditionalProperties });   // citations count characters that are gone
                }

                return;
            case TextReasoningContent reasoning:
                FlushText(clean);
                var thought = _thought.Push(reasoning.Text);
                if (ReferenceEquals(thought, reasoning.Text))
                {
                    clean.Add(reasoning);
                }
                else if (thought.Length > 0 || reasoning.ProtectedData is not null)
                {
                    clean.Add(Copies.Of(reasoning, thought, keepRaw: false));
                }

                return;
            case UsageContent:
                clean.Add(content);
                return;
        }

        FlushThought(clean);
        FlushText(clean);
        clean.Add(content switch
        {
            FunctionResultContent result => marks.Unmark(result),
            ErrorContent error => Plain(error),
            ToolApprovalRequestContent { ToolCall: var call } => InPlace(content, call),
            _ => InPlace(content, content),
        });
    }

    private ErrorContent Plain(ErrorContent error)
    {
        var (message, details) = (marks.Undo(error.Message), error.Details is null ? null : marks.Undo(error.Details));
        return ReferenceEquals(message, error.Message) && ReferenceEquals(details, error.Details) ? error : new ErrorContent(message) { ErrorCode = error.ErrorCode, Details = details };
    }

    private AIContent InPlace(AIContent content, AIContent call)
    {
        switch (call)
        {
            case FunctionCallContent function:
                marks.Unmark(function);
                break;
            case McpServerToolCallContent { Arguments: { Count: > 0 } arguments } mcp:
                var own = new Dictionary<string, object?>(arguments, StringComparer.Ordinal);
                if (marks.Unmark(own))
                {
                    (mcp.Arguments, mcp.RawRepresentation) = (own, null);
                }

                break;
            case WebSearchToolCallContent { Queries: { Count: > 0 } queries } search:
                search.Queries = [.. queries.Select(marks.Undo)];
                break;
            case CodeInterpreterToolCallContent { Inputs: { Count: > 0 } inputs } code:
                code.Inputs = [.. inputs.Select(Whole)];
                break;
            default:
                Hosted.WithOutputs(call, Whole);
                break;
        }

        return content;
    }

    private AIContent Whole(AIContent content) => content switch
    {
        TextContent text when marks.Undo(text.Text) is var said && !ReferenceEquals(said, text.Text) => new TextContent(said),
        ErrorContent error => Plain(error),
        DataContent data when data.HasTopLevelMediaType("text") && TextData.Of(data) is { } text && marks.Undo(text) is var said && !ReferenceEquals(said, text) => new DataContent(System.Text.Encoding.UTF8.GetBytes(said), data.MediaType) { Name = data.Name },
        _ => content,
    };

    private void FlushText(List<AIContent> clean)
    {
        if (_text.Flush() is { Length: > 0 } rest)
        {
            clean.Add(new TextContent(rest));
        }
    }

    private void FlushThought(List<AIContent> clean)
    {
        if (_thought.Flush() is { Length: > 0 } rest)
        {
            clean.Add(new TextReasoningContent(rest));
        }
    }
}
