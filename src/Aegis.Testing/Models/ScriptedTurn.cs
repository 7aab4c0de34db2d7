using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>What a scripted model says in one turn. Contents come out in the order reasoning, text, extra, calls.</summary>
public sealed record ScriptedTurn
{
    /// <summary>The answer, cut into pieces when streaming.</summary>
    public string? Text { get; init; }

    /// <summary>The reasoning, cut into pieces when streaming.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The step's tool calls, all in one update when streaming. A call with an empty id gets one when it is played.</summary>
    public IReadOnlyList<FunctionCallContent> Calls { get; init; } = [];

    /// <summary>Other contents (hosted tools, approval requests), each in an update of its own when streaming.</summary>
    public IReadOnlyList<AIContent> Extra { get; init; } = [];

    /// <summary>The tokens spent; last when streaming.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>Why the turn ends.</summary>
    /// <value>Absent: <c>tool_calls</c> if there are calls, otherwise <c>stop</c>.</value>
    public ChatFinishReason? FinishReason { get; init; }

    /// <summary>Thrown in place of the end of the turn: a stream has shown all its contents by then.</summary>
    public Exception? Throws { get; init; }

    /// <summary>Whether the turn waits, in place of its end, until it is cancelled: a stream has shown all its contents by then.</summary>
    public bool Hangs { get; init; }

    /// <summary>A turn that is only text.</summary>
    public static ScriptedTurn Say(string text) => new() { Text = text };

    /// <summary>A turn that is one call. The arguments, an anonymous object or a dictionary, become JSON elements, as over the wire.</summary>
    public static ScriptedTurn Call(string tool, object? arguments = null, string? callId = null)
    {
        var json = JsonSerializer.SerializeToElement(arguments ?? new { });
        var values = json.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value, StringComparer.Ordinal);
        return CallAll(new FunctionCallContent(callId ?? "", tool, values));
    }

    /// <summary>A turn that is several calls in one step.</summary>
    public static ScriptedTurn CallAll(params FunctionCallContent[] calls) => new() { Calls = calls };

    /// <summary>A turn that fails before it says anything.</summary>
    public static ScriptedTurn Fail(Exception exception) => new() { Throws = exception };

    /// <summary>A turn that says nothing until it is cancelled.</summary>
    public static ScriptedTurn Hang() => new() { Hangs = true };
}
