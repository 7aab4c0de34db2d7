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

    /// <summary>The texts of which it was put together, each of which a user typed; null: it is one text, or something else is in it.</summary>
    internal IReadOnlyList<string>? Pieces { get; init; }

    /// <summary>Whether it is one of several texts of a message, which are judged once more as the one that they make.</summary>
    internal bool IsPart { get; init; }

    /// <summary>Whether it was made from a template, which may have put into it what tools returned.</summary>
    internal bool IsRendered { get; init; }

    /// <summary>Whether it came along with what a user typed: a document, a name.</summary>
    internal bool IsAttached { get; init; }

    /// <summary>Whether it is said to have been typed in an earlier turn.</summary>
    internal bool IsPast { get; init; }

    /// <summary>Whether a user typed it, as far as the host says, once and as it is.</summary>
    internal bool IsTyped => Role == InputRole.User && !IsJoined && !IsRendered && !IsAttached && Text.Length > 0;

    /// <inheritdoc/>
    public override Checkpoint Checkpoint => Checkpoint.Input;
}
