using Aegis.Tools;

namespace Aegis;

/// <summary>The model is about to be asked. It goes on with the tools that the run may still see.</summary>
/// <param name="Tools">The tools on offer.</param>
public sealed record ModelStep(Toolset Tools) : Subject
{
    /// <summary>Whether this is the one step without tools that ends a spent run.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Closing { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.ModelStep;
}
