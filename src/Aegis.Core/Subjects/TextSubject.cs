namespace Aegis;

/// <summary>A subject that carries text. A guard over <see cref="TextSubject"/> runs at every checkpoint that does.</summary>
/// <param name="Text">The text as it would go on.</param>
public abstract record TextSubject(string Text) : Subject
{
    /// <summary>The text as it would go on.</summary>
    public string Text { get; init; } = Text ?? throw new ArgumentNullException(nameof(Text));

    /// <summary>0 to 1: what the media may hide that this was read from; null: it was text from the start. What was read from media goes on whole or not at all.</summary>
    internal double? MediaRisk { get; init; }
}
