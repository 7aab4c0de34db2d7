namespace Aegis.Tokens;

/// <summary>What the files of a tokenizer are.</summary>
internal enum TokenizerKind
{
    TokenizerJson,
    SentencePiece,
    WordPiece,
    BytePairs,
}
