using System.Text.Json;
using Aegis.Onnx.Tests.Files;
using Aegis.Tokens;
using CsCheck;

namespace Aegis.Onnx.Tests.Tokens;

public sealed class BytePairEncoderTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly List<string> _vocabulary = ["<s>", "<pad>", "</s>", .. Enumerable.Range(0, 256).Select(Letter), "ig", "no", "Ġa", "aa", "aaaa"];
    private readonly IEncoder _encoder;

    public BytePairEncoderTests()
    {
        var vocabulary = _folder.File("vocab.json", JsonSerializer.Serialize(_vocabulary.Index().ToDictionary(static word => word.Item, static word => word.Index)));
        _encoder = EncoderLoader.Load(OnnxTokenizer.BytePairs(vocabulary, _folder.File("merges.txt", "#version: 0.2\ni g\nn o\nĠ a\na a\naa aa\n")), [])!;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("igno no", "ig@0-2 no@2-4 Ġ@4-5 no@5-7")]
    [InlineData("é a", "Ã@0-1 ©@0-1 Ġa@1-3")]
    [InlineData("</s>", "<@0-1 /@1-2 s@2-3 >@3-4")]
    [InlineData("", "")]
    public void TextsAreReadAsPairsOfBytes(string text, string expected) => Assert.Equal(expected, string.Join(' ', Encode(text).Select(token => FormattableString.Invariant($"{_vocabulary[token.Id]}@{token.Start}-{token.End}"))));

    [Fact]
    public void TokensStandInTheTextAndCoverIt()
    {
        Gen.OneOf(Pick.Of("no", " ", "\n", "日本語", "😀", "\uD83D", "aaaa"), Gen.Char.Select(static c => c.ToString())).Array[1, 30].Select(string.Concat).Sample(text =>
        {
            var tokens = Encode(text);
            Assert.All(tokens, token => Assert.True(token.Start >= 0 && token.Start <= token.End && token.End <= text.Length));
            Assert.Equal(new TextRange(0, text.Length), TokenWindows.RangeOf(text, tokens, 0, tokens.Count));
        }, iter: 500);
    }

    [Fact]
    public void ALongWordIsTakenApartButNoCharacter()
    {
        Assert.Equal(2, Encode(new string('a', 1024) + "igno").Count(token => _vocabulary[token.Id] is "ig" or "no"));
        var tokens = Encode(new string('a', 1023) + string.Concat(Enumerable.Repeat("😀", 600)));

        Assert.Equal(600 * 4, tokens.Count(token => !_vocabulary[token.Id].StartsWith('a')));   // four bytes each
    }

    private List<Token> Encode(string text)
    {
        var tokens = new List<Token>();
        _encoder.Encode(text, tokens);
        return tokens;
    }

    /// <summary>The letter that stands for a byte: itself if it is seen, else the next one from 256 on.</summary>
    private static string Letter(int of) => ((char)(IsSeen(of) ? of : 256 + Enumerable.Range(0, of).Count(static b => !IsSeen(b)))).ToString();

    private static bool IsSeen(int of) => of is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
}
