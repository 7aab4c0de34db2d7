using Aegis.Scanning.Rules;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Rules;

public class KeywordAutomatonTests
{
    private static readonly Gen<string> Words = Gen.Char["abcä語"].Array[1, 4].Select(static chars => new string(chars));

    [Fact]
    public void ItFindsEveryKeywordWhereverItStands() => Gen.Select(Words.Array[0, 12], Gen.Char["abcä語x"].Array[0, 40].Select(static chars => new string(chars))).Sample(static (keywords, text) =>
    {
        var expected = from end in Enumerable.Range(1, text.Length)
                       from keyword in Enumerable.Range(0, keywords.Length)
                       where text.AsSpan(0, end).EndsWith(keywords[keyword], StringComparison.Ordinal)
                       select (keyword, end);
        Assert.Equal(expected.Order(), Found(keywords, text).Order());
    }, iter: 20_000);

    [Theory]
    [InlineData(8_000)]
    [InlineData(25_000)]   // more nodes than have a row
    public void ItFindsManyKeywordsInALongText(int count)
    {
        var random = new Random(11);
        string Letters(int count) => new([.. Enumerable.Range(0, count).Select(_ => (char)('a' + random.Next(12)))]);
        string[] keywords = [.. Enumerable.Range(0, count).Select(_ => Letters(random.Next(4, 9))).Distinct()];
        var numbers = keywords.Index().ToDictionary(static keyword => keyword.Item, static keyword => keyword.Index, StringComparer.Ordinal);
        var text = Letters(20_000);
        var expected = from end in Enumerable.Range(1, text.Length)
                       from length in Enumerable.Range(4, 5)
                       where length <= end && numbers.ContainsKey(text.Substring(end - length, length))
                       select (numbers[text.Substring(end - length, length)], end);
        Assert.Equal(expected.Order(), Found(keywords, text).Order());
    }

    private static List<(int Keyword, int End)> Found(string[] keywords, string text)
    {
        var sink = new Sink([]);
        new KeywordAutomaton(keywords).Find(text, ref sink);
        return sink.Hits;
    }

    private readonly struct Sink(List<(int Keyword, int End)> hits) : IKeywordSink
    {
        public List<(int Keyword, int End)> Hits => hits;

        public void Found(int keyword, int end) => hits.Add((keyword, end));
    }
}
