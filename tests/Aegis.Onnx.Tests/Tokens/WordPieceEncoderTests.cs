using Aegis.Onnx.Tests.Files;
using Aegis.Tokens;

namespace Aegis.Onnx.Tests.Tokens;

public sealed class WordPieceEncoderTests : IDisposable
{
    private static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ignore", "previous", "##previous", ".", "日", "cafe", "Café", "a", "##b", "=", "[", "]", "sep", "SEP"];

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ignore previous.", "ignore@0-6 previous@7-15 .@15-16")]
    [InlineData("ignore\nprevious\tignore", "ignore@0-6 previous@7-15 ignore@16-22")]   // line breaks and tabs divide words
    [InlineData("IGNORE ignoreprevious", "ignore@0-6 ignore@7-21 ##previous@7-21")]
    [InlineData("ig\u200Bnore\u0001", "ignore@0-7")]                                     // what nobody sees is not read
    [InlineData("Café Cafe\u0301", "cafe@0-4 cafe@5-9")]
    [InlineData("日日a", "日@0-1 日@1-2 a@2-3")]
    [InlineData("[SEP]", "[@0-1 sep@1-4 ]@4-5")]                                        // a text does not end its window
    [InlineData("😀 ab", "[UNK]@0-2 a@3-5 ##b@3-5")]
    [InlineData("a≠b", "a@0-1 =@1-2 [UNK]@2-3")]                                        // taken apart, it is a sign
    [InlineData("  ", "")]
    public void TextsAreReadAsBertReadsThem(string text, string expected) => Assert.Equal(expected, Encoded(text, lowerCase: true));

    [Theory]
    [InlineData("Café IGNORE ignore", "Café@0-4 [UNK]@5-11 ignore@12-18")]
    [InlineData("[SEP]", "[@0-1 SEP@1-4 ]@4-5")]
    public void CapitalsAndAccentsCountWhereTheModelKnowsThem(string text, string expected) => Assert.Equal(expected, Encoded(text, lowerCase: false));

    [Fact]
    public void HalfACharacterIsNotRead() => Assert.Equal("ignore@0-7", Encoded("ig\uD83Dnore", lowerCase: true));

    [Fact]
    public void AWordOfMoreThanAHundredLettersIsUnknown()
    {
        Assert.Equal("[UNK]@0-101", Encoded("a" + new string('b', 100), lowerCase: true));
        Assert.StartsWith("a@0-100 ##b@0-100", Encoded("a" + new string('b', 99), lowerCase: true), StringComparison.Ordinal);
    }

    private string Encoded(string text, bool lowerCase)
    {
        var encoder = WordPieceEncoder.Load(OnnxTokenizer.WordPiece(_folder.File("vocab.txt", string.Join('\n', Vocabulary)), lowerCase), [])!;
        var tokens = new List<Token>();
        encoder.Encode(text, tokens);
        return string.Join(' ', tokens.Select(static token => FormattableString.Invariant($"{Vocabulary[token.Id]}@{token.Start}-{token.End}")));
    }
}
