using System.Text.Json;
using Aegis.Integrity;
using CsCheck;

namespace Aegis.Core.Tests.Integrity;

/// <summary>What says the same is written the same, and nothing else is.</summary>
public class CanonicalWriterTests
{
    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{ "b": 2.0, "a": 1e0 }""")]
    [InlineData("1.50", "15e-1")]
    [InlineData("100", "1E+2")]
    [InlineData("-0.0", "0")]
    [InlineData("0.00120", "12e-4")]
    [InlineData("12345678901234567890123456789", "1.2345678901234567890123456789e28")]
    [InlineData("\"\\u0041\"", "\"A\"")]
    public void TheSameInOtherWordsIsTheSame(string one, string other) => Assert.Equal(Sum(one), Sum(other));

    [Fact]
    public void NoTwoValuesAreTheSameBytes()
    {
        string[] values = ["null", "true", "false", "0", "1", "-1", "10", "1e-1", "12345678901234567890", "12345678901234567891", "\"\"", "\"1\"", "\"null\"", "[]", "{}", "[[]]", "[null]", "[1]", "[1,2]", "[[1],2]", "[[1,2]]", "\"1,2\"", """{"a":1}""", """{"a":"1"}""", """{"A":1}""", """{"a":[1]}""", """{"a":{}}""", """{"a":null}""", """["a",1]"""];
        Assert.Equal(values.Length, values.Select(Sum).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>Two rows of texts are the same bytes only if they are the same texts: a piece that moves to its neighbour shows.</summary>
    [Fact]
    public void TextsKeepTheirBorders() => Gen.Select(Gen.String, Gen.String, Gen.Int[1, 8]).Sample(
        static (a, b, n) =>
        {
            var (whole, cut) = (a + b, Math.Min(n, (a + b).Length));
            if (!string.Equals(whole[..cut], a, StringComparison.Ordinal) && !a.Any(char.IsSurrogate) && !b.Any(char.IsSurrogate))
            {
                Assert.NotEqual(Of(writer => writer.Text(a).Text(b)), Of(writer => writer.Text(whole[..cut]).Text(whole[cut..])));
            }
        },
        iter: Extent.Of(100_000, 2_000));

    [Fact]
    public void TypesAreTold()
    {
        string[] sums = [Of(static writer => writer.Text(null)), Of(static writer => writer.Text("")), Of(static writer => writer.Bytes([])), Of(static writer => writer.Number(0)), Of(static writer => writer.Flag(false)), Of(static writer => writer.End()), Of(static writer => writer.Part("")), Of(static _ => { })];
        Assert.Equal(sums.Length, sums.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""[{"a":1,"\u0061":2}]""")]
    [InlineData("1e9999999999")]
    [InlineData("\"\\ud800\"")]
    public void WhatTwoReadersReadInTwoWaysIsRefused(string json) => Assert.ThrowsAny<Exception>(() => Sum(json));

    [Fact]
    public void WhatIsTooDeepIsRefused() => Assert.Throws<FormatException>(static () => Of(static writer => writer.Json(JsonDocument.Parse(new string('[', 200) + new string(']', 200), new() { MaxDepth = 300 }).RootElement)));

    [Fact]
    public void HalfACharacterIsWhatEverybodySendsInItsPlace() => Assert.Equal(Of(static writer => writer.Text("a\ud800")), Of(static writer => writer.Text("a\ufffd")));

    [Fact]
    public void LargeTextsAndBytesAreWrittenWhole()
    {
        var large = new byte[100_000];
        var before = Of(writer => writer.Text("a").Bytes(large).Text(new string('x', 50_000)));
        large[99_999] = 1;
        Assert.NotEqual(before, Of(writer => writer.Text("a").Bytes(large).Text(new string('x', 50_000))));
        Assert.NotEqual(before, Of(writer => writer.Text("a").Bytes(new byte[100_000]).Text(new string('x', 49_999))));
    }

    private static string Sum(string json) => Of(writer => writer.Json(JsonElement.Parse(json)));

    private static string Of(Action<CanonicalWriter> write)
    {
        using var writer = new CanonicalWriter();
        write(writer);
        return Convert.ToHexString(writer.Sum());
    }
}
