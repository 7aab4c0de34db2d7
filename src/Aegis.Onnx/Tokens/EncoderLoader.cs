using Microsoft.ML.Tokenizers;

namespace Aegis.Tokens;

/// <summary>Reads the files of a tokenizer.</summary>
internal static class EncoderLoader
{
    /// <returns>The encoder; null: there are mistakes.</returns>
    public static IEncoder? Load(OnnxTokenizer tokenizer, List<OnnxClassifierError> errors)
    {
        var files = tokenizer.Kind == TokenizerKind.BytePairs ? new[] { tokenizer.Path, tokenizer.Merges } : [tokenizer.Path];
        var missing = files.Where(static file => !File.Exists(file)).ToArray();
        foreach (var file in missing)
        {
            errors.Add(new(nameof(OnnxClassifierOptions.Tokenizer), "There is no such file. Take it from the model's folder, or correct the path.") { File = file });
        }

        if (missing.Length > 0)
        {
            return null;
        }

        try
        {
            return tokenizer.Kind switch
            {
                TokenizerKind.TokenizerJson => OfJson(tokenizer, errors),
                TokenizerKind.SentencePiece => OfSentencePiece(tokenizer, File.ReadAllBytes(tokenizer.Path), errors),
                TokenizerKind.WordPiece => WordPieceEncoder.Load(tokenizer, errors),
                _ => BytePairEncoder.Load(tokenizer, errors),
            };
        }
        catch (Exception)   // the libraries throw what they like at a file that is another
        {
            errors.Add(new(nameof(OnnxClassifierOptions.Tokenizer), $"It cannot be read as {Called(tokenizer.Kind)}. Give the file that belongs to the model.") { File = tokenizer.Path });
            return null;
        }
    }

    private static UnigramEncoder? OfJson(OnnxTokenizer tokenizer, List<OnnxClassifierError> errors)
    {
        var (file, mistake) = TokenizerJson.Read(File.ReadAllBytes(tokenizer.Path), tokenizer);
        if (mistake is null)
        {
            return OfSentencePiece(tokenizer, file!, errors);
        }

        errors.Add(new(nameof(OnnxClassifierOptions.Tokenizer), mistake) { File = tokenizer.Path });
        return null;
    }

    private static UnigramEncoder? OfSentencePiece(OnnxTokenizer tokenizer, byte[] file, List<OnnxClassifierError> errors)
    {
        using var stream = new MemoryStream(file);
        var read = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        if (!UnigramEncoder.Reads(read))
        {
            errors.Add(new(nameof(OnnxClassifierOptions.Tokenizer), "It is not of the kind Unigram, or does not mark words by the space before them. Take another model, or bring an ITextClassifier of your own.") { File = tokenizer.Path });
            return null;
        }

        return SpecialTokens.Find(tokenizer, read.Vocabulary, errors) is { } special ? new(read, special) : null;
    }

    private static string Called(TokenizerKind kind) => kind switch
    {
        TokenizerKind.TokenizerJson => "a tokenizer.json",
        TokenizerKind.SentencePiece => "a SentencePiece model",
        TokenizerKind.WordPiece => "a vocab.txt of WordPiece",
        _ => "a vocab.json with its merges.txt",
    };
}
