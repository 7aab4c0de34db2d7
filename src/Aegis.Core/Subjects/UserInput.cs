namespace Aegis;

/// <summary>Text that enters the conversation and that no tool returned.</summary>
/// <param name="Text">The text.</param>
public sealed record UserInput(string Text) : TextSubject(Text)
{
    /// <summary>Who is said to have written it.</summary>
    /// <value><see cref="InputRole.User"/>.</value>
    public InputRole Role { get; init; }

    /// <summary>Whether it is what entered already, put together as the model reads it: it is judged and not remembered again.</summary>
    internal bool IsJoined { get; init; }

    /// <summary>Whether it was made from a template, which may have put into it what tools returned.</summary>
    internal bool IsRendered { get; init; }

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.Input;
}
