using System.Text.Json.Nodes;

namespace Aegis.Testing;

/// <summary>The two kinds of output item that are text, and the words the protocol has for each. Both have one part.</summary>
internal sealed record ResponsesTextItem(string PartEvent, string TextEvent, string IndexName, Func<string, JsonObject> Part, Func<string, string, JsonObject?, JsonObject> Item)
{
    public static readonly ResponsesTextItem Message = new(
        "response.content_part",
        "response.output_text",
        "content_index",
        text => new() { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray() },
        (id, status, part) => new() { ["type"] = "message", ["id"] = id, ["role"] = "assistant", ["status"] = status, ["content"] = Parts(part) });

    public static readonly ResponsesTextItem Reasoning = new(
        "response.reasoning_summary_part",
        "response.reasoning_summary_text",
        "summary_index",
        text => new() { ["type"] = "summary_text", ["text"] = text },
        (id, _, part) => new() { ["type"] = "reasoning", ["id"] = id, ["summary"] = Parts(part) });

    private static JsonArray Parts(JsonObject? part) => part is null ? [] : new JsonArray(part);
}
