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
