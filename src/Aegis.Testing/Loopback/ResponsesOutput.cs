using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>The output of one response as it grows. Each step yields the events a stream tells of it; a whole answer needs only the items.</summary>
internal sealed class ResponsesOutput(string responseId)
{
    private readonly StringBuilder _text = new();
    private TextCut _cut = new();
    private ResponsesTextItem? _open;

    public JsonArray Items { get; } = [];

    private string ItemId => $"item_{responseId}_{Items.Count}";

    public IEnumerable<JsonObject> Write(AIContent content) => content switch
    {
        TextContent text => WriteText(ResponsesTextItem.Message, text.Text),
        TextReasoningContent reasoning => WriteText(ResponsesTextItem.Reasoning, reasoning.Text),
        FunctionCallContent call => [.. Close(), .. WriteCall(call)],
        _ => throw WireContents.Unsayable(content),
    };

    /// <summary>Ends the text item in progress, if there is one.</summary>
    public IEnumerable<JsonObject> Close()
    {
        if (_open is not { } open)
        {
            yield break;
        }

        var text = _text.ToString();
        yield return InItem(open.TextEvent + ".done", open.IndexName, "text", text);
        yield return InItem(open.PartEvent + ".done", open.IndexName, "part", open.Part(text));
        yield return OfItem("response.output_item.done", open.Item(ItemId, "completed", open.Part(text)));
        Items.Add(open.Item(ItemId, "completed", open.Part(text)));
        _open = null;
        _text.Clear();
        _cut = new();
    }

    private IEnumerable<JsonObject> WriteText(ResponsesTextItem kind, string text)
    {
        if (_open != kind)
        {
            foreach (var closing in Close())
            {
                yield return closing;
            }

            _open = kind;
            yield return OfItem("response.output_item.added", kind.Item(ItemId, "in_progress", null));
            yield return InItem(kind.PartEvent + ".added", kind.IndexName, "part", kind.Part(""));
        }

        if (_cut.Push(text) is not "" and var piece)
        {
            _text.Append(piece);
            yield return InItem(kind.TextEvent + ".delta", kind.IndexName, "delta", piece);
        }
    }

    private IEnumerable<JsonObject> WriteCall(FunctionCallContent call)
    {
        var arguments = CallArguments.ToJson(call);
        JsonObject Item(string status, string shown) => new()
        {
            ["type"] = "function_call",
            ["id"] = ItemId,
            ["call_id"] = call.CallId,
            ["name"] = call.Name,
            ["arguments"] = shown,
            ["status"] = status,
        };

        yield return OfItem("response.output_item.added", Item("in_progress", ""));
        foreach (var piece in TextCut.Pieces(arguments))
        {
            yield return InItem("response.function_call_arguments.delta", null, "delta", piece);
        }

        yield return InItem("response.function_call_arguments.done", null, "arguments", arguments);
        yield return OfItem("response.output_item.done", Item("completed", arguments));
        Items.Add(Item("completed", arguments));
    }

    private JsonObject OfItem(string type, JsonObject item) => new() { ["type"] = type, ["output_index"] = Items.Count, ["item"] = item };

    private JsonObject InItem(string type, string? indexName, string name, JsonNode value)
    {
        var data = new JsonObject { ["type"] = type, ["item_id"] = ItemId, ["output_index"] = Items.Count, [name] = value };
        if (indexName is not null)
        {
            data[indexName] = 0;
        }

        return data;
    }
}
