using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary><c>POST /v1/responses</c>. Remembers each conversation under the id of its answer, unless the request says <c>store: false</c>.</summary>
internal sealed class ResponsesProtocol : IWireProtocol
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<ChatMessage>> _conversations = new(StringComparer.Ordinal);
    private int _answers;

    public WireRequest Read(JsonElement body)
    {
        ChatMessage[] messages = [.. Before(body), .. ResponsesInput.Read(body)];
        ToolCallPairing.Check(messages, atOnce: false);
        var options = WireTools.Read(body, tool => tool);
        options.Instructions = body.Optional("instructions");
        return new(body, messages, options);
    }

    public JsonObject Write(WireRequest request, ChatResponse response)
    {
        var id = NextId();
        var output = new ResponsesOutput(id);
        foreach (var content in response.Messages.SelectMany(message => message.Contents))
        {
            foreach (var _ in output.Write(content))
            {
            }
        }

        foreach (var _ in output.Close())
        {
        }

        Remember(request, id, response);
        return Final(request, id, response, output);
    }

    public async IAsyncEnumerable<ServerSentEvent> StreamAsync(WireRequest request, IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        var id = NextId();
        var output = new ResponsesOutput(id);
        var sequence = 0;
        ServerSentEvent Numbered(JsonObject data)
        {
            data["sequence_number"] = sequence++;
            return new(data["type"]!.GetValue<string>(), data.ToJsonString());
        }

        yield return Numbered(new() { ["type"] = "response.created", ["response"] = Envelope(request, id, "in_progress") });
        yield return Numbered(new() { ["type"] = "response.in_progress", ["response"] = Envelope(request, id, "in_progress") });
        List<ChatResponseUpdate> seen = [];
        await foreach (var update in updates)
        {
            seen.Add(update);
            foreach (var data in update.Contents.Where(content => content is not UsageContent).SelectMany(output.Write))
            {
                yield return Numbered(data);
            }
        }

        foreach (var data in output.Close())
        {
            yield return Numbered(data);
        }

        var whole = seen.ToChatResponse();
        Remember(request, id, whole); // before the client can hear the end and go on
        var final = Final(request, id, whole, output);
        yield return Numbered(new() { ["type"] = $"response.{final["status"]}", ["response"] = final });
    }

    private IReadOnlyList<ChatMessage> Before(JsonElement body) => body.Optional("previous_response_id") switch
    {
        null => [],
        var id when _conversations.TryGetValue(id, out var messages) => messages,
        var id => throw new FormatException($"Previous response with id '{id}' not found."),
    };

    private void Remember(WireRequest request, string id, ChatResponse response)
    {
        if (Stores(request))
        {
            _conversations[id] = [.. request.Messages, .. response.Messages];
        }
    }

    private static bool Stores(WireRequest request) => request.Body.Member("store")?.GetBoolean() ?? true;

    private static JsonObject Final(WireRequest request, string id, ChatResponse response, ResponsesOutput output)
    {
        var incomplete = response.FinishReason == ChatFinishReason.Length ? "max_output_tokens"
            : response.FinishReason == ChatFinishReason.ContentFilter ? "content_filter"
            : null;
        var final = Envelope(request, id, incomplete is null ? "completed" : "incomplete");
        final["output"] = output.Items;
        final["usage"] = WireUsage.ForResponses(response.Usage);
        final["incomplete_details"] = incomplete is null ? null : new JsonObject { ["reason"] = incomplete };
        return final;
    }

    private static JsonObject Envelope(WireRequest request, string id, string status) => new()
    {
        ["id"] = id,
        ["object"] = "response",
        ["created_at"] = WireRequest.Created,
        ["status"] = status,
        ["error"] = null,
        ["incomplete_details"] = null,
        ["instructions"] = request.Options.Instructions,
        ["model"] = request.Model,
        ["output"] = new JsonArray(),
        ["parallel_tool_calls"] = true,
        ["previous_response_id"] = request.Body.Optional("previous_response_id"),
        ["store"] = Stores(request),
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["usage"] = null,
        ["metadata"] = new JsonObject(),
    };

    private string NextId() => $"resp_{Interlocked.Increment(ref _answers)}";
}
