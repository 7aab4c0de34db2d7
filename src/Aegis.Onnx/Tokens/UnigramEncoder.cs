using Microsoft.ML.Tokenizers;

namespace Aegis.Tokens;

/// <summary>
/// SentencePiece, word by word. Its tokens never cross white space, so that the result is that of the whole text, and each word's place is known
/// whatever its normalisation does. The library keeps control characters, which the format removes, and says each unknown character, which the format joins.
/// </summary>
internal sealed class UnigramEncoder(SentencePieceTokenizer tokenizer, SpecialTokens special) : IEncoder
{
    public SpecialTokens Special => special;

    public int LargestId { get; } = tokenizer.Vocabulary.Values.Max();

    /// <summary>Whether a model divides at white space, as is taken for granted here.</summary>
    public static bool Reads(SentencePieceTokenizer tokenizer) =>
        tokenizer is { AddDummyPrefix: true, EscapeWhiteSpaces: true, TreatWhitespaceAsSuffix: false, Normalizer: SentencePieceNormalizer { RemoveExtraWhiteSpaces: true } }
        && tokenizer.EncodeToIds("a", addBeginningOfSentence: false, addEndOfSentence: false).Count > 0;   // models of the other kind lose letters that stand alone

    public void Encode(string text, List<Token> tokens)
    {
        foreach (var range in Words.Of(text))
        {
            var (start, length) = range.GetOffsetAndLength(text.Length);
            var word = Words.Clean(text.AsSpan(start, length));
            if (word.Length == 0)
            {
                continue;
            }

            var wasUnknown = false;
            var pieces = tokenizer.EncodeToTokens(word, out var normalized, addBeginningOfSentence: false, addEndOfSentence: false);
            var isAligned = word.Length == length && normalized?.Length == length + 1;   // the mark of the space stands before it
            foreach (var piece in pieces)
            {
                var (from, to) = isAligned ? (start + Math.Max(0, piece.Offset.Start.Value - 1), start + Math.Max(0, piece.Offset.End.Value - 1)) : (start, start + length);
                var isUnknown = piece.Id == tokenizer.UnknownId;
                if (isUnknown && wasUnknown)
                {
                    tokens[^1] = tokens[^1] with { End = to };
                }
                else
                {
                    tokens.Add(new(piece.Id, from, to));
                }

                wasUnknown = isUnknown;
            }
        }
    }
}
