namespace Aegis;

/// <summary>
/// A model of your own that judges texts after the scanner: what users type, and what tools say of themselves and return. It must be thread-safe. One
/// that throws, whose answer does not come in time, or is no risk from 0 to 1, blocks.
/// </summary>
public interface ITextClassifier
{
    /// <summary>Id of its findings, for example <c>classifier/prompt-guard</c>: at most 100 of a to z, 0 to 9, hyphen, underscore, dot and slash, as no rule has it. <c>scanner.ignoreRules</c> takes it.</summary>
    string Rule { get; }

    /// <summary>Judges a text.</summary>
    /// <param name="text">The whole text, never empty.</param>
    /// <param name="checkpoint">Where it is met: <see cref="Checkpoint.Input"/>, <see cref="Checkpoint.ToolDescription"/> or <see cref="Checkpoint.ToolResult"/>.</param>
    /// <param name="cancellationToken">Cancels the inspection.</param>
    /// <returns>The risk.</returns>
    ValueTask<TextRisk> ClassifyAsync(string text, Checkpoint checkpoint, CancellationToken cancellationToken);
}
