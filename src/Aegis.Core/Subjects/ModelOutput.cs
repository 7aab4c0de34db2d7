namespace Aegis;

/// <summary>One whole response of the model.</summary>
/// <param name="Text">Its text, reasoning included.</param>
public sealed record ModelOutput(string Text) : TextSubject(Text)
{
    /// <summary>How many tool calls the response makes. With at least one, the response is a step of the run.</summary>
    /// <value>0.</value>
    public int Calls { get; init; }

    /// <summary>What the response cost.</summary>
    /// <value>Nothing.</value>
    public TokenUsage Usage { get; init; }

    /// <summary>Whether the text already passed as <see cref="OutputWindow"/>s, so that only the response as a whole is judged.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Streamed { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.Output;
}
