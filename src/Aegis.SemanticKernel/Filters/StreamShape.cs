namespace Aegis.SemanticKernel;

/// <summary>How the items of a stream are read and made.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="Read">The text of an item.</param>
/// <param name="Make">An item with this text and, where it is known, everything that is no text of another one.</param>
internal sealed record StreamShape<T>(Func<T, string> Read, Func<StreamText, T?, T> Make)
{
    /// <summary>What the model thinks aloud in an item.</summary>
    public Func<T, string> Thought { get; init; } = static _ => "";

    /// <summary>An item without what no pattern reads: other contents, raw objects, metadata.</summary>
    public Func<T, T> Bare { get; init; } = static item => item;

    /// <summary>Which of several answers an item belongs to.</summary>
    public Func<T, int> Choice { get; init; } = static _ => 0;
}
