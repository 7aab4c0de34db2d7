using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary><c>POST /v1/chat/completions</c>. Reasoning is not written: this protocol does not show it.</summary>
internal sealed class ChatCompletionsProtocol : IWireProtocol
{
    private int _answers;

    public WireRequest Read(JsonElement body)
    {
        ChatMessage[] messages = [.. body.Items("messages").Select(ReadMessage)];
        if (messages.Length == 0)
        {
            throw new FormatException("Missing required parameter: 'messages'.");
        }

        ToolCallPairing.Check(messages, atOnce: true);
        return new(body, messages, WireTools.Read(body, tool => tool.GetProperty("function")));
    }

    public JsonObject Write(WireRequest request, ChatResponse response)
    {
        var calls = new JsonArray();
        foreach (var content in response.Messages.SelectMany(message => message.Contents))
        {
            if (content is FunctionCallContent call)
            {
                calls.Add(WriteCall(call, CallArguments.ToJson(call)));
            }
            else if (content is not (TextContent or TextReasoningContent))
            {
                throw WireContents.Unsayable(content);
            }
        }

        var message = new JsonObject { ["role"] = "assistant", ["content"] = response.Text is "" ? null : response.Text, ["refusal"] = null };
        if (calls.Count > 0)
        {
            message["tool_calls"] = calls;
        }

        var answer = Envelope(NextId(), "chat.completion", request, Choice("message", message, Finish(response.FinishReason, calls.Count > 0)));
        if (WireUsage.ForChatCompletions(response.Usage) is { } usage)
        {
            answer["usage"] = usage;
        }

        return answer;
    }

    public async IAsyncEnumerable<ServerSentEvent> StreamAsync(WireRequest request, IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        var id = NextId();
        var cut = new TextCut();
        var calls = 0;
        ChatFinishReason? finish = null;
        UsageDetails? usage = null;
        ServerSentEvent Chunk(JsonObject delta, string? finishReason = null) =>
            ServerSentEvent.Unnamed(Envelope(id, "chat.completion.chunk", request, Choice("delta", delta, finishReason)));

        yield return Chunk(new() { ["role"] = "assistant", ["content"] = "" });
        await foreach (var update in updates)
        {
            finish = update.FinishReason ?? finish;
            foreach (var content in update.Contents)
            {
                switch (content)
                {
                    case TextContent text when cut.Push(text.Text) is not "" and var piece:
                        yield return Chunk(new() { ["content"] = piece });
                        break;
                    case FunctionCallContent call:
                        foreach (var delta in WriteCallDeltas(calls++, call))
                        {
                            yield return Chunk(new() { ["tool_calls"] = new JsonArray(delta) });
                        }

                        break;
                    case UsageContent counts:
                        usage = WireUsage.Sum(usage, counts.Details);
                        break;
                    case not (TextContent or TextReasoningContent):
                        throw WireContents.Unsayable(content);
                }
            }
        }

        yield return Chunk([], Finish(finish, calls > 0));
        if (request.Body.Member("stream_options")?.Flag("include_usage") is true && WireUsage.ForChatCompletions(usage) is { } counted)
        {
            var last = Envelope(id, "chat.completion.chunk", request, choice: null);
            last["usage"] = counted;
            yield return ServerSentEvent.Unnamed(last);
        }

        yield return new(null, "[DONE]");
    }

    private static ChatMessage ReadMessage(JsonElement message)
    {
        var content = message.Member("content");
        return message.Required("role") switch
        {
            ("system" or "developer" or "user") and var role => new(new ChatRole(role), WireContents.Read(content)) { AuthorName = message.Optional("name") },
            "assistant" => new(ChatRole.Assistant, [.. WireContents.Read(content), .. message.Items("tool_calls").Select(ReadCall)]),
            "tool" => new(ChatRole.Tool, [new FunctionResultContent(message.Required("tool_call_id"), WireContents.ReadText(content))]),
            var role => throw new FormatException($"Invalid value: '{role}'. Roles are 'system', 'developer', 'user', 'assistant' and 'tool'."),
        };
    }

    private static FunctionCallContent ReadCall(JsonElement call) => WireContents.ReadCall(call.Required("id"), call.GetProperty("function"));

    private static JsonObject WriteCall(FunctionCallContent call, string arguments) => new()
    {
        ["id"] = call.CallId,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = arguments },
    };

    private static IEnumerable<JsonObject> WriteCallDeltas(int index, FunctionCallContent call)
    {
        var head = WriteCall(call, arguments: "");
        head.Insert(0, "index", index);
        yield return head;
        foreach (var piece in TextCut.Pieces(CallArguments.ToJson(call)))
        {
            yield return new() { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = piece } };
        }
    }

    private static JsonObject Choice(string name, JsonObject message, string? finishReason) =>
        new() { ["index"] = 0, [name] = message, ["logprobs"] = null, ["finish_reason"] = finishReason };

    private static JsonObject Envelope(string id, string kind, WireRequest request, JsonObject? choice) => new()
    {
        ["id"] = id,
        ["object"] = kind,
        ["created"] = WireRequest.Created,
        ["model"] = request.Model,
        ["choices"] = choice is null ? [] : new JsonArray(choice),
    };

    private static string Finish(ChatFinishReason? reason, bool calls) => (reason ?? (calls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop)).Value;

    private string NextId() => $"chatcmpl-{Interlocked.Increment(ref _answers)}";
}
