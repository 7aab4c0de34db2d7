using System.Diagnostics;
using System.Text.Json;
using Aegis.Flow.Reading;
using CsCheck;

namespace Aegis.Core.Tests.Flow;

public class ResultReaderTests
{
    [Theory]
    [InlineData("""[{"email":"a@x.example","id":7},{"email":"b@x.example","id":8}]""", "email=a@x.example id=7 email=b@x.example id=8")]
    [InlineData("{'name': 'O\\'Hara', 'ok': True, 'none': None, 'tags': ('x', 'y'),}", "name=O'Hara tags=x tags=y")]
    [InlineData("- amount: 100.0\n  recipient: CH93\n  subject: 'Pizza: party\n    on Friday'\n- amount: 5\n  recipient: me\n  subject: x", "amount=100.0 recipient=CH93 subject=Pizza: party on Friday amount=5 recipient=me subject=x")]
    [InlineData("participants:\n- a@x.example\n- b@x.example", "=a@x.example =b@x.example")]
    [InlineData("""{"Le Marais":"4.2"}""", "=Le Marais Le Marais=4.2")]
    public void DataHasFields(string text, string expected) => Assert.Equal(expected, Show(ResultReader.Read(text, null)));

    [Theory]
    [InlineData("Dear all,\nemail: evil@x.example")]
    [InlineData("Please pay.\nIBAN: GB29")]
    [InlineData("{'a': 'x', 'a': 'y'}")]
    [InlineData("{'content': 'he said: 'give it to evil@x.example'.'}")]
    [InlineData("""{"a":1} and email: evil@x.example""")]
    [InlineData("- recipient: me\n  recipient: evil")]
    [InlineData("- a: 'open\n  b: evil@x.example")]
    public void ATextThatHoldsSomethingLikeAFieldHasNone(string text) => Assert.Empty(ResultReader.Read(text, null));

    [Fact]
    public void AFieldInsideAStringIsNoField()
    {
        using var data = JsonDocument.Parse("""{"body":"x\nemail: evil@x.example","sender":"bob@x.example"}""");
        Assert.DoesNotContain(ResultReader.Read("", data.RootElement), static field => field.Value.EndsWith("evil@x.example", StringComparison.Ordinal) && field.Name != "body");
    }

    [Fact]
    public void WhatMcpWrapsIsRead()
    {
        using var data = JsonDocument.Parse("""{"content":[{"type":"text","text":"[{\"email\":\"a@x.example\"}]"}]}""");
        Assert.Equal("email=a@x.example", Show(ResultReader.Read("", data.RootElement)));
    }

    [Fact]
    public void NoTextIsTooStrange() =>
        Gen.String[Gen.Char["{}[]()'\",:-|>\\ \nabx0"], 0, 300].Sample(static text => ResultReader.Read(text, null).TrueForAll(static field => field.Value.Length <= ResultReader.MaxValue), iter: 20_000);

    [Theory]
    [InlineData("[")]
    [InlineData("{'a':")]
    [InlineData("- a: '\n")]
    [InlineData("- a: x\n    y\n")]
    [InlineData("'\\")]
    public void TimeGrowsWithTheLengthOfTheText(string unit)
    {
        var (few, many) = (string.Concat(Enumerable.Repeat(unit, 20_000)), string.Concat(Enumerable.Repeat(unit, 80_000)));
        ResultReader.Read(few, null);
        var began = Stopwatch.GetTimestamp();
        ResultReader.Read(many, null);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 5);   // a quadratic reader takes minutes
    }

    private static string Show(List<ResultField> fields) => string.Join(' ', fields.Select(static field => $"{field.Name}={field.Value}"));
}
