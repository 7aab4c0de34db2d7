namespace Aegis;

/// <summary>What an extractor is asked for. Prints no part of the text.</summary>
public sealed class ExtractionRequest
{
    internal ExtractionRequest(string text, ExtractionSchema schema, IReadOnlyList<string> mistakes) => (Text, Schema, Mistakes) = (text, schema, mistakes);

    /// <summary>The document, as others wrote it; lone surrogates are replaced.</summary>
    public string Text { get; }

    /// <summary>What may be taken out of it.</summary>
    public ExtractionSchema Schema { get; }

    /// <summary>What was wrong with the reply to the try before, in words of Aegis and names of the schema, without any value; none at the first try.</summary>
    public IReadOnlyList<string> Mistakes { get; }

    /// <summary>Characters of everything together.</summary>
    public int Length => Text.Length + Schema.Text.Length + Mistakes.Sum(static mistake => mistake.Length);
}
