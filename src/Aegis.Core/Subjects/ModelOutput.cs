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

    /// <summary>The step that it answers, as its outcome gave it: what was set aside for it is given back, and <see cref="Usage"/> charged.</summary>
    /// <value><see langword="null"/>: only <see cref="Usage"/> is charged.</value>
    public ModelStep? Step { get; init; }

    /// <summary>What was set aside for it, besides that.</summary>
    internal IReadOnlyList<Reservation> Settles { get; init; } = [];

    /// <summary>Whether its usage is only thought to be so, and settled later.</summary>
    internal bool IsEstimated { get; init; }

    /// <summary>What its usage is settled by later, where it is only thought to be so; null: it is known.</summary>
    internal Reservation? Reserved { get; init; }

    /// <summary>Whether the text already passed as <see cref="OutputWindow"/>s, so that only the response as a whole is judged.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Streamed { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.Output;
}
