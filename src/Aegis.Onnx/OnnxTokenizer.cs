using Aegis.Tokens;

namespace Aegis;

/// <summary>The files that say how a model's texts become numbers. They are read when the classifier is loaded. Immutable.</summary>
public sealed record OnnxTokenizer
{
    private OnnxTokenizer(TokenizerKind kind, string path) => (Kind, Path) = (kind, path);

    /// <summary>The token that begins each window.</summary>
    /// <value><see langword="null"/>: <c>[CLS]</c> or <c>&lt;s&gt;</c>, whichever the vocabulary has.</value>
    public string? StartToken { get; init; }

    /// <summary>The token that ends each window.</summary>
    /// <value><see langword="null"/>: <c>[SEP]</c> or <c>&lt;/s&gt;</c>, whichever the vocabulary has.</value>
    public string? EndToken { get; init; }

    /// <summary>The token that fills up a window where the model's size is fixed.</summary>
    /// <value><see langword="null"/>: <c>[PAD]</c> or <c>&lt;pad&gt;</c>, whichever the vocabulary has.</value>
    public string? PaddingToken { get; init; }

    internal TokenizerKind Kind { get; }

    internal string Path { get; }

    internal string Merges { get; private init; } = "";

    internal bool LowerCase { get; private init; }

    /// <summary>A <c>tokenizer.json</c> whose model is of the kind Unigram, as Prompt Guard, DeBERTa and XLM-RoBERTa have it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The tokenizer.</returns>
    public static OnnxTokenizer TokenizerJson(string path) => new(TokenizerKind.TokenizerJson, path ?? throw new ArgumentNullException(nameof(path)));

    /// <summary>A SentencePiece model of the kind Unigram (<c>spm.model</c>). Its numbers must be the model's: XLM-RoBERTa's are not, so take its <c>tokenizer.json</c>.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The tokenizer.</returns>
    public static OnnxTokenizer SentencePiece(string path) => new(TokenizerKind.SentencePiece, path ?? throw new ArgumentNullException(nameof(path)));

    /// <summary>A <c>vocab.txt</c> of WordPiece, as BERT and DistilBERT have it.</summary>
    /// <param name="path">The file: a token a line.</param>
    /// <param name="lowerCase">Whether texts lose capitals and accents: so for models that are called <c>uncased</c>.</param>
    /// <returns>The tokenizer.</returns>
    public static OnnxTokenizer WordPiece(string path, bool lowerCase = true) => new(TokenizerKind.WordPiece, path ?? throw new ArgumentNullException(nameof(path))) { LowerCase = lowerCase };

    /// <summary>A <c>vocab.json</c> and a <c>merges.txt</c> of byte pairs, as RoBERTa has them.</summary>
    /// <param name="vocabulary">Tokens and their numbers.</param>
    /// <param name="merges">Which pairs are joined, the first ones first.</param>
    /// <returns>The tokenizer.</returns>
    public static OnnxTokenizer BytePairs(string vocabulary, string merges) =>
        new(TokenizerKind.BytePairs, vocabulary ?? throw new ArgumentNullException(nameof(vocabulary))) { Merges = merges ?? throw new ArgumentNullException(nameof(merges)) };
}
