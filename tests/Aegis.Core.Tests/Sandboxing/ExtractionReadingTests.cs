using Aegis.Sandboxing;
using CsCheck;

namespace Aegis.Core.Tests.Sandboxing;

/// <summary>Which replies are data.</summary>
public class ExtractionReadingTests
{
    private static readonly ExtractionSchema Schema = ExtractionSchema.Parse(HostileReplies.Schema);

    [Theory]
    [InlineData(HostileReplies.Good)]
    [InlineData("  {\n \"count\" : 1, \"paid\":false,\"total\":0,\"kind\":\"reminder\",\"number\":\"\\u0042-17\" }\r\n")]
    [InlineData("""{"number":"lamps","kind":"invoice","total":12.50,"paid":true,"count":20,"tags":["Invoice","Total"]}""")]
    [InlineData("""{"number":"B-17","kind":"invoice","total":2.5e2,"paid":true,"count":20,"tags":[]}""")]
    public void WhatFitsIsData(string json)
    {
        var reading = ExtractionReading.Of(json, Schema, HostileReplies.Document);
        Assert.Empty(reading.Mistakes);
        Assert.NotNull(reading.Value);
    }

    [Fact]
    public void NoHostileReplyIsData()
    {
        var replies = HostileReplies.All.Distinct(StringComparer.Ordinal).Where(static reply => reply.TrimEnd(' ') != HostileReplies.Good || reply.Length > 10_000).ToList();
        Assert.InRange(replies.Count, 250, int.MaxValue);
        Assert.All(replies, static reply =>
        {
            var reading = ExtractionReading.Of(reply, Schema, HostileReplies.Document);
            Assert.Null(reading.Value);
            Assert.NotEmpty(reading.Mistakes);
        });
    }

    [Fact]
    public void MistakesSayWhatWasWrongAndRepeatNoValue()
    {
        var reading = ExtractionReading.Of("""{"number":"obeying","kind":"obeying","total":7777,"paid":"obeying","obeying":1}""", Schema, HostileReplies.Document);
        Assert.Equal(
            [
                "$.number does not stand in the document to the letter: copy it, every character.",
                "$.kind is none of the words of its enum, to the letter.",
                "$.total is not between its minimum and its maximum.",
                "$.paid is not of type boolean.",
                "$.count is missing.",
                "$ has a member that the schema does not have.",
            ],
            reading.Mistakes);
    }

    [Fact]
    public void AnObjectWithFarMoreMembersThanTheSchemaIsNotSearched()
    {
        var schema = ExtractionSchema.Parse("""{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"boolean"},"long":{"type":"string","maxLength":100000}}}""");
        var many = string.Join(',', Enumerable.Range(0, 400).Select(static i => FormattableString.Invariant($"\"m{i}\":1")));
        Assert.Equal(["$ has a member that the schema does not have."], ExtractionReading.Of($"{{{many}}}", schema, "document").Mistakes);
    }

    [Fact]
    public void NumbersStayAsTheyAreWritten() =>
        Assert.Equal("250.00", ExtractionReading.Of(HostileReplies.Good, Schema, HostileReplies.Document).Value!.Value.GetProperty("total").GetRawText());

    [Fact]
    public void ATextStandsInADocumentExactlyWhereAnOrdinalSearchFindsIt() =>
        Gen.Select(Gen.String[Gen.Char['a', 'c'], 0, 12], Gen.String[Gen.Char['a', 'c'], 0, 200]).Sample(static (text, document) => Assert.Equal(document.Contains(text, StringComparison.Ordinal), Verbatim.Stands(text, document)), iter: 20_000);

    [Fact]
    public void ThousandsOfMutatedRepliesAreDataOnlyWithTextsOfTheDocument() =>
        Gen.Select(Gen.Int[0, 80], Gen.Int[0, 3], Gen.Char[' ', '~']).Array[1, 4].Sample(static changes =>
        {
            var text = HostileReplies.Good;
            foreach (var (at, how, c) in changes)
            {
                var i = at % text.Length;
                text = how switch { 0 => text.Remove(i, 1), 1 => text.Insert(i, c.ToString()), 2 => text[..i] + c + text[(i + 1)..], _ => text[..i] + text[i..] + text[i..] };
                if (text.Length == 0)
                {
                    return;
                }
            }

            if (ExtractionReading.Of(text, Schema, HostileReplies.Document) is { Value: { } value })
            {
                Assert.Contains(value.GetProperty("number").GetString()!, HostileReplies.Document, StringComparison.Ordinal);
                Assert.Contains(value.GetProperty("kind").GetString(), new[] { "invoice", "reminder" });
                Assert.InRange(value.GetProperty("total").GetDecimal(), 0, 1_000);
                Assert.InRange(value.GetProperty("count").GetInt64(), 1, 99);
            }
        }, iter: 10_000);
}
