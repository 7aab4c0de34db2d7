using System.Text.Json;

namespace Aegis;

/// <summary>What a tool returned. Untrusted, whoever wrote the tool.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Text">The result as the model would read it.</param>
public sealed record ToolResult(string Tool, string Text) : TextSubject(Text)
{
    /// <summary>Identity of the call that this answers: <see cref="Tools.ToolArguments.CallHash(string)"/>.</summary>
    /// <value>0: unknown.</value>
    public ulong CallHash { get; init; }

    /// <summary>The result as data, when the tool returned data and no text: a whole field of it can say where something may go, what stands in a text cannot.</summary>
    /// <value><see langword="null"/>: it is a text.</value>
    public JsonElement? Data { get; init; }

    /// <summary>The tool's name inside of its plugin; null: it has one name.</summary>
    internal string? LocalName { get; init; }

    /// <summary>Whether nobody offers a tool of this name, so that a model or a client has made it up.</summary>
    internal bool IsMadeUp { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.ToolResult;
}
