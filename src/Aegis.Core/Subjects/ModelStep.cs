using Aegis.Tools;

namespace Aegis;

/// <summary>The model is about to be asked. It goes on with the tools that the run may still see.</summary>
/// <param name="Tools">The tools on offer.</param>
public sealed record ModelStep(Toolset Tools) : Subject
{
    /// <summary>Whether this is the one step without tools that ends a spent run.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Closing { get; init; }

    /// <summary>
    /// What the model is thought to use: set aside until <see cref="ModelOutput.Step"/> says what it was, so that calls which are under way at once share a budget and do not
    /// each find it unspent. With the output that it is limited to, all of it must be left. With an output of 0 nobody limits it: 4,096 tokens are assumed,
    /// and it is enough that something is left.
    /// </summary>
    /// <value><see langword="null"/>: nothing is set aside, and it is enough that something is left.</value>
    public TokenUsage? Estimate { get; init; }

    /// <summary>What was set aside; null: nothing.</summary>
    internal Reservation? Reserved { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.ModelStep;
}
