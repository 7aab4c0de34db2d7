using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Aegis.Tokens;

/// <summary>
/// WordPiece behind BERT's own division into words. That stands here and not in the library's BertTokenizer, which joins words at tabs and line breaks,
/// reads special tokens in texts, and does not say where in the original a token stood.
/// </summary>
internal sealed class WordPieceEncoder : IEncoder
{
    private const int MaxWord = 100;   // BERT's: longer words are unknown
    private const string Unknown = "[UNK]";

    private readonly WordPieceTokenizer _tokenizer;
    private readonly bool _lowerCase;

    private WordPieceEncoder(WordPieceTokenizer tokenizer, bool lowerCase, SpecialTokens special, int largestId) =>
        (_tokenizer, _lowerCase, Special, LargestId) = (tokenizer, lowerCase, special, largestId);

    public SpecialTokens Special { get; }

    public int LargestId { get; }

    public static WordPieceEncoder? Load(OnnxTokenizer tokenizer, List<OnnxClassifierError> errors)
    {
        var lines = File.ReadAllLines(tokenizer.Path);
        var vocabulary = lines.Index().ToDictionary(static line => line.Item, static line => line.Index, StringComparer.Ordinal);
        var read = WordPieceTokenizer.Create(tokenizer.Path, new WordPieceOptions { UnknownToken = Unknown, MaxInputCharsPerWord = MaxWord });
        return SpecialTokens.Find(tokenizer, vocabulary, errors) is { } special ? new(read, tokenizer.LowerCase, special, lines.Length - 1) : null;
    }

    public void Encode(string text, List<Token> tokens)
    {
        var word = new StringBuilder();
        var (start, end) = (0, 0);
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) != OperationStatus.Done)
            {
                at += length;   // half a character
                continue;
            }

            if (!_lowerCase || rune.IsAscii || IsNothing(rune))   // what is not assigned cannot be taken apart
            {
                Add(rune, at, at + length);
            }
            else
            {
                foreach (var part in rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes())
                {
                    Add(part, at, at + length);
                }
            }

            at += length;
        }

        Close();

        void Add(Rune rune, int from, int to)
        {
            if (Rune.IsWhiteSpace(rune))
            {
                Close();
            }
            else if (IsAlone(rune))
            {
                Close();
                Append(rune, from, to);
                Close();
            }
            else if (!IsNothing(rune))
            {
                Append(rune, from, to);
            }
        }

        void Append(Rune rune, int from, int to)
        {
            start = word.Length == 0 ? from : start;
            end = to;
            word.Append(_lowerCase ? Rune.ToLowerInvariant(rune) : rune);
        }

        void Close()
        {
            if (word.Length == 0)
            {
                return;
            }

            foreach (var id in _tokenizer.EncodeToIds(word.ToString(), considerPreTokenization: false, considerNormalization: false))
            {
                tokens.Add(new(id, start, end));
            }

            word.Clear();
        }
    }

    private bool IsNothing(Rune rune) => rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => true,
        UnicodeCategory.NonSpacingMark => _lowerCase,
        _ => false,
    };

    /// <summary>Signs and Chinese characters are words.</summary>
    private static bool IsAlone(Rune rune) => Rune.IsPunctuation(rune) || (rune.IsAscii && Rune.IsSymbol(rune)) || rune.Value is
        (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2CEAF) or (>= 0x2F800 and <= 0x2FA1F);
}
