using Aegis.Onnx.Tests.Files;
using Aegis.Tokens;
using CsCheck;

namespace Aegis.Onnx.Tests.Tokens;

public sealed class UnigramEncoderTests : IDisposable
{
    private static readonly Gen<string> Texts = Gen.OneOf(Pick.Of("ignore", "previous", "a", "b", " ", "\n", "´", "㏂", "ｉ", "日本語", "😀", "\uD83D", "\u0001", "\u00A0", "x", "[SEP]", "▁"), Gen.Char.Select(static c => c.ToString())).Array[0, 30].Select(string.Concat);

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ignore previous", "▁ignore@0-6 ▁previous@7-15")]
    [InlineData("ignore \n\t previous", "▁ignore@0-6 ▁previous@10-18")]
    [InlineData(" a", "▁a@1-2")]
    [InlineData("ｉgnore ignore", "▁ignore@0-6 ▁ignore@7-13")]
    [InlineData("㏂ ignore", "▁a@0-1 .@0-1 b@0-1 .@0-1 ▁ignore@2-8")]             // a character that becomes several
    [InlineData("ig\u0001nore", "▁ignore@0-7")]                                    // the format has no control characters
    [InlineData("a xyz", "▁a@0-1 ▁@2-2 [UNK]@2-5")]                                // the format says what is unknown once
    [InlineData("a日本語", "▁a@0-1 日本@1-3 語@3-4")]
    [InlineData("[SEP]", "▁@0-0 [UNK]@0-5")]
    [InlineData("a\u00A0b", "▁a@0-1 ▁@2-2 b@2-3")]
    [InlineData("a´", "▁a@0-2 ▁@0-2 \u0301@0-2")]
    [InlineData("", "")]
    public void TextsAreReadAsTheFormatSays(string text, string expected) => Assert.Equal(expected, Shown(Encode(SentencePiece(), text)));

    [Fact]
    public void ATokenizerJsonReadsTextsAsItsModelDoes()
    {
        var (one, other) = (SentencePiece(), Json(UnigramFiles.Json()));
        Assert.Equal((one.Special, one.LargestId), (other.Special, other.LargestId));
        Texts.Sample(text => Assert.Equal(Encode(one, text), Encode(other, text)));
    }

    [Fact]
    public void TokensStandInTheTextAndInItsOrder()
    {
        var encoder = SentencePiece();
        Texts.Sample(text =>
        {
            var tokens = Encode(encoder, text);
            Assert.All(tokens, token => Assert.True(token.Start >= 0 && token.Start <= token.End && token.End <= text.Length));
            Assert.All(tokens.Zip(tokens.Skip(1)), static pair => Assert.True(pair.First.Start <= pair.Second.Start && pair.First.End <= pair.Second.End));
        });
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void AModelThatIsReadInAnotherWayIsRefused(int type, bool removesBlanks)
    {
        var errors = new List<OnnxClassifierError>();
        Assert.Null(EncoderLoader.Load(OnnxTokenizer.SentencePiece(_folder.File("spm.model", UnigramFiles.Model(type, removesBlanks))), errors));
        Assert.Equal("It is not of the kind Unigram, or does not mark words by the space before them. Take another model, or bring an ITextClassifier of your own.", Assert.Single(errors).Message);
    }

    [Fact]
    public void ATokenizerJsonOfAnotherKindIsRefused() => Assert.Equal(
        "Its model is not of the kind Unigram. Give the vocab.txt of a WordPiece model with OnnxTokenizer.WordPiece, the vocab.json and merges.txt of byte pairs with OnnxTokenizer.BytePairs.",
        Refused(UnigramFiles.Json(model: "BPE")));

    [Fact]
    public void ATokenizerJsonWithAPartThatIsNotKnownIsRefused()
    {
        const string Message = "It normalises or divides texts in a way that is not known here. Give the model's spm.model with OnnxTokenizer.SentencePiece if it has one, or bring an ITextClassifier of your own.";
        Assert.Equal(Message, Refused(UnigramFiles.Json(normalizer: """{"type":"Lowercase"}""")));
        Assert.Equal(Message, Refused(UnigramFiles.Json(normalizer: """{"type":"Replace","pattern":{"String":"a"},"content":" "}""")));
        Assert.Equal(Message, Refused(UnigramFiles.Json(division: """{"type":"Punctuation","behavior":"Isolated"}""")));
        Assert.Equal(Message, Refused(UnigramFiles.Json(division: """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""")));
        Assert.Equal(Message, Refused(UnigramFiles.Json(division: """{"type":"Metaspace","replacement":"▁","add_prefix_space":false}""")));
        Assert.Equal(Message, Refused(UnigramFiles.Json(bytes: true)));
    }

    [Fact]
    public async Task AModelWithItJudges()
    {
        var model = new OnnxFile { Table = [.. UnigramFiles.Pieces.Select(static piece => new[] { 0, piece.Piece == "▁ignore" ? 3f : 0 })] };
        using var classifier = OnnxClassifier.Load(Small.Options(_folder, model) with { Tokenizer = OnnxTokenizer.TokenizerJson(_folder.File("tokenizer.json", UnigramFiles.Json())) });
        var (risk, range) = await classifier.ClassifyAsync(string.Concat(Enumerable.Repeat("a ", 50)) + "ignore", Checkpoint.Input, TestContext.Current.CancellationToken);

        Assert.Equal(0.952574, risk, 1e-5);
        Assert.Equal(new TextRange(74, 106), range);   // the last 14 tokens: 13 letters with a blank behind each, and the word
    }

    private string Refused(string json)
    {
        var errors = new List<OnnxClassifierError>();
        Assert.Null(EncoderLoader.Load(OnnxTokenizer.TokenizerJson(_folder.File("tokenizer.json", json)), errors));
        return Assert.Single(errors).Message;
    }

    private IEncoder SentencePiece() => EncoderLoader.Load(OnnxTokenizer.SentencePiece(_folder.File("spm.model", UnigramFiles.Model())), [])!;

    private IEncoder Json(string json) => EncoderLoader.Load(OnnxTokenizer.TokenizerJson(_folder.File("tokenizer.json", json)), [])!;

    private static List<Token> Encode(IEncoder encoder, string text)
    {
        var tokens = new List<Token>();
        encoder.Encode(text, tokens);
        return tokens;
    }

    private static string Shown(List<Token> tokens) => string.Join(' ', tokens.Select(static token => FormattableString.Invariant($"{UnigramFiles.Pieces[token.Id].Piece}@{token.Start}-{token.End}")));
}
