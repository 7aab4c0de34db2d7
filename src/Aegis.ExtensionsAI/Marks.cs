using System.Runtime.CompilerServices;
using System.Text;
using Aegis.Media;
using Aegis.Prompting;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>The marks of one request: how text from outside is marked on its way into the model, and undone on the way back. Thread-safe.</summary>
/// <param name="known">Every marking whose marks may come back; where <paramref name="isMarking"/>, the first one marks.</param>
/// <param name="isMarking">Whether results of functions that run below are marked.</param>
/// <param name="showsErrors">Whether the loop below shows the model what a function throws.</param>
internal sealed class Marks(IReadOnlyList<TextMarking> known, bool isMarking, bool showsErrors)
{
    private readonly ConditionalWeakTable<object, object> _originals = [];   // of results that a loop below holds

    /// <summary>Every marking whose marks may come back.</summary>
    public IReadOnlyList<TextMarking> Known => known;

    /// <summary>What is taken out of what the model says.</summary>
    public IReadOnlyList<string> Tokens { get; } = [.. known.SelectMany(static marking => marking.Tokens)];

    /// <summary>What a function returned, as the loop gives it to the model.</summary>
    public object? Mark(object? result)
    {
        var marked = isMarking ? MarkedValue.Mark(result, known[0].MarkLate) : result;
        if (marked is not null && result is not null && !ReferenceEquals(marked, result))
        {
            _originals.AddOrUpdate(marked, result);
        }

        return marked;
    }

    /// <summary>What a function threw, as the loop may show it to the model.</summary>
    public Exception Mark(Exception thrown)
    {
        if (!isMarking || !showsErrors)
        {
            return thrown;
        }

        var marked = new AegisException(known[0].MarkLate(thrown.Message), thrown);
        _originals.AddOrUpdate(marked, thrown);
        return marked;
    }

    /// <summary>A result that a loop gave to the model, as it was.</summary>
    public FunctionResultContent Unmark(FunctionResultContent result)
    {
        var original = result.Result is not { } value ? null : _originals.TryGetValue(value, out var before) ? before : value is string text ? Undo(text) : value;
        var thrown = result.Exception is { } marked && _originals.TryGetValue(marked, out var exception) ? (Exception)exception : result.Exception;
        if ((ReferenceEquals(original, result.Result) || Equals(original, result.Result)) && ReferenceEquals(thrown, result.Exception))
        {
            return result;
        }

        var copy = Copies.Of(result, original);
        copy.Exception = thrown;
        return copy;
    }

    /// <summary>A call of the model, before anybody judges it. In place: the loop that has made it runs this very one.</summary>
    public void Unmark(FunctionCallContent call)
    {
        if (call.Arguments is { Count: > 0 } arguments && Unmark(arguments))
        {
            call.RawRepresentation = null;
        }
    }

    /// <summary>Arguments without marks.</summary>
    /// <returns>Whether any had one.</returns>
    public bool Unmark(IDictionary<string, object?> arguments)
    {
        var (clean, changed) = (new List<KeyValuePair<string, object?>>(arguments.Count), false);
        foreach (var (name, value) in arguments)
        {
            var (bare, plain) = (Undo(name), MarkedValue.Change(value, Undo));
            bare = string.Equals(bare, name, StringComparison.Ordinal) || arguments.ContainsKey(bare) ? name : bare;   // two of one name would be one of them
            changed |= !ReferenceEquals(bare, name) || !ReferenceEquals(plain, value);
            clean.Add(new(bare, plain));
        }

        if (changed)
        {
            Copies.Edit(arguments, clean);
        }

        return changed;
    }

    /// <summary>A whole text without marks; the very same where it has none.</summary>
    public string Undo(string text)
    {
        foreach (var marking in known)
        {
            text = marking.Unmark(text);
        }

        return text;
    }

    /// <summary>A stream of what the model says, without marks.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> Unmark(IAsyncEnumerable<ChatResponseUpdate> source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var unmarker = new Unmarker(this);
        ChatResponseUpdate? last = null;
        await foreach (var update in source.WithCancellation(cancellationToken))
        {
            if (last is not null && !string.Equals(last.MessageId, update.MessageId, StringComparison.Ordinal) && unmarker.Flush() is { Count: > 0 } rest)
            {
                yield return Copies.Of(last, rest, keepRaw: false);
            }

            last = update;
            var contents = unmarker.Take(update.Contents);
            if (ReferenceEquals(contents, update.Contents))
            {
                yield return update;
            }
            else if (contents.Count > 0 || update.FinishReason is not null || update.ConversationId is not null)
            {
                var copy = update.Clone();   // a loop keeps the other one for its next step
                (copy.Contents, copy.RawRepresentation) = (contents, null);
                yield return copy;
            }
        }

        if (last is not null && unmarker.Flush() is { Count: > 0 } end)
        {
            yield return Copies.Of(last, end, keepRaw: false);
        }
    }

    /// <summary>The texts of contents, all of which a mark must differ from.</summary>
    public static string TextOf(AIContent content)
    {
        var text = content switch
        {
            TextContent part => part.Text,
            TextReasoningContent part => part.Text,
            ErrorContent part => $"{part.Message}\n{part.Details}",
            FunctionCallContent call => $"{call.Name}\n{Tools.ToolArguments.From(call.Arguments).Text}",
            FunctionResultContent result => ContentText.Of(result.Result, AIJsonUtilities.DefaultOptions)?.Text,
            DataContent data when data.HasTopLevelMediaType("text") => TextData.Of(data),
            _ => Hosted.TextOf(content),
        };
        return text ?? "";
    }

    /// <summary>A content with its text marked; the very same where it has none that can be marked.</summary>
    /// <param name="content">The content.</param>
    /// <param name="isOthers">Whether neither the host, the user nor the model wrote the message that it stands in.</param>
    /// <param name="mark">Marks a text.</param>
    public static AIContent Mark(AIContent content, bool isOthers, Func<string, string> mark)
    {
        switch (content)
        {
            case FunctionResultContent result:
                var marked = MarkedValue.Mark(result.Result, mark);
                return ReferenceEquals(marked, result.Result) ? result : Copies.Of(result, marked);
            case McpServerToolResultContent or CodeInterpreterToolResultContent or WebSearchToolResultContent or ImageGenerationToolResultContent when Hosted.CopyOf(content) is { } copy:
                return Hosted.WithOutputs(copy, output => Mark(output, isOthers: true, mark));
            case DataContent data when data.HasTopLevelMediaType("text") && TextData.Of(data) is { Length: > 0 } document:
                return new DataContent(Encoding.UTF8.GetBytes(mark(document)), MediaTypes.Plain(data.MediaType)) { Name = data.Name };   // marks are no ASCII
            case TextContent { Text.Length: > 0 } text when isOthers:
                return Copies.Of(text, mark(text.Text), keepRaw: false);
            case TextReasoningContent { Text.Length: > 0 } thought when isOthers:
                return Copies.Of(thought, mark(thought.Text), keepRaw: false);
            case ErrorContent error when isOthers:
                return new ErrorContent(mark($"{error.Message}\n{error.Details}")) { ErrorCode = error.ErrorCode };
            default:
                return content;
        }
    }
}
