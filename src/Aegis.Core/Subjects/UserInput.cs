namespace Aegis;

/// <summary>Text that enters the conversation and that no tool returned.</summary>
/// <param name="Text">The text.</param>
public sealed record UserInput(string Text) : TextSubject(Text)
{
    /// <summary>Who is said to have written it.</summary>
    /// <value><see cref="InputRole.User"/>.</value>
    public InputRole Role { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.Input;
}
