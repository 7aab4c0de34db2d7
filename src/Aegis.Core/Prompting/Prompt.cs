using System.Collections;

namespace Aegis.Prompting;

/// <summary>A prompt that <see cref="PromptBuilder.Build"/> has made: its messages in order, and the way back for what a model quotes of them. Immutable.</summary>
public sealed class Prompt : IReadOnlyList<PromptMessage>
{
    private readonly PromptMessage[] _messages;

    internal Prompt(PromptMessage[] messages, TextMarking? marking) => (_messages, Marking) = (messages, marking);

    /// <inheritdoc/>
    public int Count => _messages.Length;

    /// <summary>How its text from outside is marked; null: it has none.</summary>
    internal TextMarking? Marking { get; }

    /// <inheritdoc/>
    public PromptMessage this[int index] => _messages[index];

    /// <summary>What a model said, without the marks that it quoted. With <see cref="MarkingStrategy.Datamarking"/> any piece of a stream can be given by itself; with the others the whole text.</summary>
    /// <param name="text">What it said.</param>
    /// <returns>The text without marks.</returns>
    public string Unmark(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Marking?.Unmark(text) ?? text;
    }

    /// <inheritdoc/>
    public IEnumerator<PromptMessage> GetEnumerator() => ((IEnumerable<PromptMessage>)_messages).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
