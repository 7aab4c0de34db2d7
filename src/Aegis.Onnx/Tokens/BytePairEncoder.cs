using Microsoft.ML.Tokenizers;

namespace Aegis.Tokens;

/// <summary>Pairs of bytes behind RoBERTa's division into words, which leaves texts as they are.</summary>
internal sealed class BytePairEncoder : IEncoder
{
    private const int MaxWord = 1024;   // joining pairs takes the square of a word's length, so longer ones are taken apart

    private readonly BpeTokenizer _tokenizer;

    private BytePairEncoder(BpeTokenizer tokenizer, SpecialTokens special) => (_tokenizer, Special, LargestId) = (tokenizer, special, tokenizer.Vocabulary.Values.Max());

    public SpecialTokens Special { get; }

    public int LargestId { get; }

    public static BytePairEncoder? Load(OnnxTokenizer tokenizer, List<OnnxClassifierError> errors)
    {
        var read = BpeTokenizer.Create(new BpeOptions(tokenizer.Path, tokenizer.Merges) { ByteLevel = true, PreTokenizer = RobertaPreTokenizer.Instance });
        return SpecialTokens.Find(tokenizer, read.Vocabulary, errors) is { } special ? new(read, special) : null;
    }

    public void Encode(string text, List<Token> tokens)
    {
        foreach (var (offset, length) in RobertaPreTokenizer.Instance.PreTokenize(text))
        {
            for (var start = offset; start < offset + length;)
            {
                var end = Math.Min(offset + length, start + MaxWord);
                end -= end < offset + length && char.IsLowSurrogate(text[end]) ? 1 : 0;
                foreach (var piece in _tokenizer.EncodeToTokens(text.AsSpan(start, end - start), out _, considerPreTokenization: false, considerNormalization: false))
                {
                    tokens.Add(new(piece.Id, start + piece.Offset.Start.Value, start + piece.Offset.End.Value));
                }

                start = end;
            }
        }
    }
}
