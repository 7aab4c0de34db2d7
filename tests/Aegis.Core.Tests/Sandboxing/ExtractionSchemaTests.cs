using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aegis.Core.Tests.Sandboxing;

/// <summary>What a schema may say, and that it is refused when it says anything else.</summary>
public class ExtractionSchemaTests
{
    private const string Open = "\"additionalProperties\":false";

    [Fact]
    public void ASchemaSaysWhatIsEnforcedAndComesBackSo()
    {
        var schema = ExtractionSchema.Parse("""
            {"type":"object","additionalProperties":false,"required":["a"],"properties":{
              "a":{"type":"string","maxLength":5,"description":"the first"},"b":{"type":"string","enum":["x","y"]},"c":{"type":"integer","minimum":1,"maximum":2},
              "d":{"type":"number"},"e":{"type":"boolean"},"f":{"type":"array","maxItems":2,"items":{"type":"object","additionalProperties":false,"properties":{"g":{"type":"boolean"}}}}}}
            """);
        Assert.Equal(schema.ToString(), ExtractionSchema.Parse(schema.Json).ToString());
        Assert.Equal("""{"type":"string","description":"the first","minLength":1,"maxLength":5}""", schema.Json.GetProperty("properties").GetProperty("a").GetRawText());
    }

    [Theory]
    [InlineData("""{"type":"string"}""", "maxLength")]
    [InlineData("""{"type":"string","maxLength":0}""", "1 to 100000")]
    [InlineData("""{"type":"string","maxLength":100001}""", "1 to 100000")]
    [InlineData("""{"type":"string","maxLength":2,"minLength":3}""", "above")]
    [InlineData("""{"type":"string","maxLength":2,"minLength":0}""", "minLength")]
    [InlineData("""{"type":"string","maxLength":2,"pattern":"a+"}""", "'pattern'")]
    [InlineData("""{"type":"string","maxLength":2,"format":"email"}""", "'format'")]
    [InlineData("""{"type":"string","enum":[]}""", "enum")]
    [InlineData("""{"type":"string","enum":["a","a"]}""", "enum")]
    [InlineData("""{"type":"string","enum":["a",1]}""", "enum")]
    [InlineData("""{"type":"string","enum":"a"}""", "enum")]
    [InlineData("""{"type":["string","null"],"maxLength":2}""", "type")]
    [InlineData("""{"maxLength":2}""", "type")]
    [InlineData("""{"type":"null"}""", "type")]
    [InlineData("""{"$ref":"#"}""", "type")]
    [InlineData("""{"anyOf":[]}""", "type")]
    [InlineData("true", "schema")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "above")]
    [InlineData("""{"type":"integer","minimum":"1"}""", "number")]
    [InlineData("""{"type":"number","multipleOf":2}""", "'multipleOf'")]
    [InlineData("""{"type":"boolean","const":true}""", "'const'")]
    [InlineData("""{"type":"array","items":{"type":"boolean"}}""", "maxItems")]
    [InlineData("""{"type":"array","maxItems":2}""", "items")]
    [InlineData("""{"type":"array","maxItems":2,"items":{"type":"boolean"},"minItems":1}""", "'minItems'")]
    [InlineData("""{"type":"object","properties":{"b":{"type":"boolean"}}}""", "additionalProperties")]
    [InlineData("""{"type":"object","additionalProperties":true,"properties":{"b":{"type":"boolean"}}}""", "additionalProperties")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{}}""", "properties")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"b":{"type":"boolean"}},"required":["c"]}""", "required")]
    [InlineData("""{"type":"array","maxItems":257,"items":{"type":"string","maxLength":2}}""", "257 texts")]
    [InlineData("""{"type":"array","maxItems":1000,"items":{"type":"array","maxItems":1000,"items":{"type":"array","maxItems":1000,"items":{"type":"array","maxItems":1000,"items":{"type":"boolean"}}}}}""", "values")]
    public void WhatWouldNotBeEnforcedIsRefused(string member, string because)
    {
        var error = Assert.Throws<ExtractionSchemaException>(() => ExtractionSchema.Parse($$$"""{"type":"object",{{{Open}}},"properties":{"m":{{{member}}}}}"""));
        Assert.Contains(because, Assert.Single(error.Mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void AllMistakesAreNamedAtOnce()
    {
        var error = Assert.Throws<ExtractionSchemaException>(static () => ExtractionSchema.Parse("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"array","items":{"type":"date"}}},"title":"x"}"""));
        Assert.Equal(["$", "$", "$.a", "$.b", "$.b[]"], error.Mistakes.Select(static mistake => mistake[..mistake.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"type":"boolean"}""")]
    [InlineData("""{"type":"object","type":"object"}""")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"boolean"},"a":{"type":"boolean"}}}""")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"\ud800":{"type":"boolean"}}}""")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"":{"type":"boolean"}}}""")]
    public void WhatIsNoObjectsSchemaIsRefused(string json) => Assert.Throws<ExtractionSchemaException>(() => ExtractionSchema.Parse(json));

    [Fact]
    public void ASchemaWithinItselfEnds()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"type":"array","maxItems":1,"items":""", 20)) + """{"type":"boolean"}""" + new string('}', 20);
        Assert.Throws<ExtractionSchemaException>(() => ExtractionSchema.Parse($$$"""{"type":"object",{{{Open}}},"properties":{"m":{{{deep}}}}}"""));
        Assert.Throws<ExtractionSchemaException>(static () => ExtractionSchema.Of<Tree>());
    }

    [Fact]
    public void ATypeSaysTheSameByReflectionAndBySourceGeneration()
    {
        var schema = ExtractionSchema.Of(BillContext.Default.Bill);
        Assert.Equal(
            """{"type":"object","properties":{"number":{"type":"string","description":"The number of the bill.","minLength":1,"maxLength":12},"kind":{"type":"string","enum":["Invoice","credit note"]},"total":{"type":"number","minimum":0,"maximum":10000},"isPaid":{"type":"boolean"},"lines":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":40},"count":{"type":"integer","minimum":1,"maximum":999}},"required":["name","count"],"additionalProperties":false},"maxItems":3},"note":{"type":"string","minLength":2,"maxLength":60},"days":{"type":"integer","minimum":-2147483648,"maximum":2147483647}},"required":["number","kind","total","isPaid","lines"],"additionalProperties":false}""",
            schema.ToString());
        Assert.Equal(schema.ToString(), ExtractionSchema.Of(new JsonSerializerOptions(JsonSerializerOptions.Default) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase }.GetTypeInfo(typeof(Bill))).ToString());
    }

    [Fact]
    public void ATypeThatCannotBeEnforcedIsRefusedMemberByMember()
    {
        var error = Assert.Throws<ExtractionSchemaException>(static () => ExtractionSchema.Of<Loose>());
        Assert.Equal(["$.Any", "$.Bytes", "$.Day", "$.Flags", "$.Free", "$.Long", "$.Many", "$.Map", "$.Number", "$.Words[]", "$.Plain"], error.Mistakes.Select(static mistake => mistake[..mistake.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal).OrderBy(static path => path == "$.Plain"));
        Assert.Contains(error.Mistakes, static mistake => mistake.StartsWith("$.Plain", StringComparison.Ordinal) && mistake.Contains("Untrusted<string>", StringComparison.Ordinal));
    }

    [Fact]
    public void ABoundThatAValueDoesNotHaveIsRefused()
    {
        var error = Assert.Throws<ExtractionSchemaException>(static () => ExtractionSchema.Of<Idle>());
        Assert.Equal(["$.Count", "$.Inner", "$.IsPaid", "$.Kinds[]", "$.Text"], error.Mistakes.Select(static mistake => mistake[..mistake.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.Contains(error.Mistakes, static mistake => mistake == "$.Text: has [Range], which is not enforced on such a value.");
    }

    private sealed record Idle(
        [property: Range(1, 5), MaxLength(5)] Untrusted<string> Text,
        [property: MaxLength(3)] int Count,
        [property: Range(0, 1)] bool IsPaid,
        [property: MaxLength(3), StringLength(5)] IReadOnlyList<Kind> Kinds,
        [property: StringLength(5)] Line Inner,
        [property: MaxLength(3), Range(1, 9)] IReadOnlyList<int> Fine);

    private sealed record Tree([property: MaxLength(2)] IReadOnlyList<Tree> Branches);

    private sealed class Loose
    {
        public string? Plain { get; set; }

        public Untrusted<string>? Free { get; set; }

        [MaxLength(0)]
        public Untrusted<string>? Long { get; set; }

        public object? Any { get; set; }

        public JsonElement Map { get; set; }

        public DateTime Day { get; set; }

        public DayOfWeek Number { get; set; }

        [JsonConverter(typeof(JsonStringEnumConverter<AttributeTargets>))]
        public AttributeTargets Flags { get; set; }

        public IReadOnlyList<int>? Many { get; set; }

        [MaxLength(2)]
        public IReadOnlyList<string>? Words { get; set; }

        public Guid Bytes { get; set; }

        public int Fine { get; set; }
    }
}
