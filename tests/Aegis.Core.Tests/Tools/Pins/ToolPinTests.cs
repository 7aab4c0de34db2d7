using System.Text.Json;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools.Pins;

public class ToolPinTests
{
    private const string Schema = """{"type":"object","properties":{"to":{"type":"string"},"copies":{"type":"integer","minimum":1}},"required":["to"]}""";

    private static readonly ToolInfo Tool = new("send_email")
    {
        Server = "mail",
        Description = "Sends an email.",
        Title = "Send",
        Schema = JsonElement.Parse(Schema),
        Destructive = false,
        ReadOnly = false,
        Idempotent = false,
        OpenWorld = true,
    };

    private static readonly string[] Keys = ["type", "to", "TYPE", "é", "\"", "", "properties"];

    private static readonly Gen<string> Key = Gen.Int[0, Keys.Length - 1].Select(static i => Keys[i]);

    private static readonly Gen<object?> Json = JsonOf(3);

    public static TheoryData<string, ToolInfo> Changes => new(
        ("name", Tool with { Name = "send_mail" }),
        ("case", Tool with { Name = "Send_email" }),
        ("kind", Tool with { Kind = ToolKind.UnknownHosted }),
        ("description", Tool with { Description = "Sends an email. " }),
        ("no description", Tool with { Description = null }),
        ("title", Tool with { Title = "send" }),
        ("no title", Tool with { Title = null }),
        ("title for description", Tool with { Title = Tool.Description, Description = Tool.Title }),
        ("no schema", Tool with { Schema = null }),
        ("destructive", Tool with { Destructive = true }),
        ("destructive not said", Tool with { Destructive = null }),
        ("read-only", Tool with { ReadOnly = true }),
        ("read-only not said", Tool with { ReadOnly = null }),
        ("idempotent", Tool with { Idempotent = true }),
        ("idempotent not said", Tool with { Idempotent = null }),
        ("open world", Tool with { OpenWorld = false }),
        ("open world not said", Tool with { OpenWorld = null }),
        ("a type", Tool with { Schema = JsonElement.Parse(Schema.Replace("integer", "number", StringComparison.Ordinal)) }),
        ("a number", Tool with { Schema = JsonElement.Parse(Schema.Replace(":1", ":2", StringComparison.Ordinal)) }),
        ("a number as a text", Tool with { Schema = JsonElement.Parse(Schema.Replace(":1", ":\"1\"", StringComparison.Ordinal)) }),
        ("a key", Tool with { Schema = JsonElement.Parse(Schema.Replace("\"to\":", "\"bcc\":", StringComparison.Ordinal)) }),
        ("an item more", Tool with { Schema = JsonElement.Parse(Schema.Replace("[\"to\"]", "[\"to\",\"copies\"]", StringComparison.Ordinal)) }),
        ("half a surrogate pair", Tool with { Schema = JsonElement.Parse(Schema.Replace("\"to\"]", "\"\\ud800\"]", StringComparison.Ordinal)) }),
        ("the other half", Tool with { Schema = JsonElement.Parse(Schema.Replace("\"to\"]", "\"\\udc00\"]", StringComparison.Ordinal)) }));

    [Theory, MemberData(nameof(Changes))]
    public void EveryFieldCounts(string field, ToolInfo changed) => Assert.False(string.Equals(ToolPin.Of(Tool).Hash, ToolPin.Of(changed).Hash, StringComparison.Ordinal), field);

    [Fact]
    public void NoTwoOfTheChangesAreTheSame() => Assert.Distinct(Changes.Select(static row => ToolPin.Of(row.Data.Item2).Hash));

    [Fact]
    public void AnotherServerIsAnotherPin()
    {
        var other = ToolPin.Of(Tool with { Server = "post" });
        Assert.NotEqual(ToolPin.Of(Tool), other);
        Assert.Equal(ToolPin.Of(Tool).Hash, other.Hash);
    }

    [Theory]
    [InlineData("send-email")]
    [InlineData("send.email")]
    public void WhichMarkSeparatesWordsDoesNotCount(string name) => Assert.Equal(ToolPin.Of(Tool).Hash, ToolPin.Of(Tool with { Name = name }).Hash);

    [Fact]
    public void NeitherTheOrderOfKeysNorWhiteSpaceCounts() => Json.Sample(static json =>
        Assert.Equal(Hash(Write(json, reverse: false, indented: false)), Hash(Write(json, reverse: true, indented: true))), iter: 2_000);

    [Fact]
    public void SchemasThatSaySomethingElseHaveAnotherPin() => Gen.Select(Json, Json).Sample(static (one, other) =>
    {
        var (a, b) = (Write(one, reverse: false, indented: false), Write(other, reverse: false, indented: false));
        Assert.Equal(JsonElement.DeepEquals(JsonElement.Parse(a), JsonElement.Parse(b)), string.Equals(Hash(a), Hash(b), StringComparison.Ordinal));
    }, iter: 5_000);

    [Fact]
    public void EscapesCountAsWhatTheySay() => Assert.Equal(Hash("""{"a":"é/"}"""), Hash("""{"\u0061":"\u00e9\/"}"""));

    [Fact]
    public void TheOrderOfItemsCounts() => Assert.NotEqual(Hash("""["a","b"]"""), Hash("""["b","a"]"""));

    [Fact]
    public void ASchemaOfAnyDepthHasAPin()
    {
        var deep = JsonDocument.Parse($"{new string('[', 5_000)}{new string(']', 5_000)}", new() { MaxDepth = 10_000 }).RootElement;
        Assert.Equal(64, ToolPin.Of(Tool with { Schema = deep }).Hash.Length);
    }

    /// <summary>Files with pins outlive versions: whoever changes this number makes every app approve its tools anew.</summary>
    [Fact]
    public void APinIsTheSameInEveryVersionAndCulture() => Assert.Equal("d5a2045a33081eaff74b6d8c3a404b61d56ff70b70a4b734e5ce8efa5b496a04", ToolPin.Of(Tool).Hash);

    [Theory]
    [InlineData("", "", "name")]
    [InlineData("mail\n", "send", "server")]
    [InlineData("mail", "se\nnd", "name")]
    public void WhatCannotBePartOfAPinIsRefused(string server, string name, string which) =>
        Assert.Equal(which, Assert.Throws<ArgumentException>(() => ToolPin.Of(new(name) { Server = server })).ParamName);

    private static Gen<object?> JsonOf(int depth)
    {
        var leaf = Gen.OneOf(Key.Select(static text => (object?)text), Gen.Int.Select(static number => (object?)number), Gen.Bool.Select(static flag => flag ? (object?)true : null));
        return depth == 0 ? leaf : Gen.OneOf(
            leaf,
            JsonOf(depth - 1).Array[0, 3].Select(static items => (object?)items),
            Gen.Select(Key, JsonOf(depth - 1)).Array[0, 4].Select(static members => (object?)members.DistinctBy(static member => member.Item1).Select(static member => KeyValuePair.Create(member.Item1, member.Item2)).ToArray()));
    }

    private static string Hash(string schema) => ToolPin.Of(Tool with { Schema = JsonElement.Parse(schema) }).Hash;

    private static string Write(object? value, bool reverse, bool indented)
    {
        var space = indented ? "\n \t" : "";
        return value switch
        {
            KeyValuePair<string, object?>[] members => $"{{{space}{string.Join($"{space},{space}", (reverse ? members.Reverse() : members).Select(member => $"{JsonSerializer.Serialize(member.Key)}{space}:{space}{Write(member.Value, reverse, indented)}"))}{space}}}",
            object?[] items => $"[{space}{string.Join($"{space},{space}", items.Select(item => Write(item, reverse, indented)))}{space}]",
            _ => JsonSerializer.Serialize(value),
        };
    }
}
