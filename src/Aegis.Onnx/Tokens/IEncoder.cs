namespace Aegis.Tokens;

/// <summary>Turns texts into tokens. Thread-safe; the time is linear in the text.</summary>
internal interface IEncoder
{
    /// <summary>What stands around each window.</summary>
    SpecialTokens Special { get; }

    /// <summary>The last number of the vocabulary.</summary>
    int LargestId { get; }

    /// <summary>Adds a text's tokens, in order. What a text says of special tokens is text.</summary>
    void Encode(string text, List<Token> tokens);
}
