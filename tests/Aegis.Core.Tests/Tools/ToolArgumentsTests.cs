using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Tests.Sessions;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools;

public class ToolArgumentsTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Char["ab \"\\\n<é/"].Array[0, 6].Select(static chars => new string(chars)),
        Gen.OneOf("😀", "\u2028", "{\"a\":1}", "\u0000", "1", "true", "null"));

    private static readonly Gen<object?> Leaves = Gen.OneOf(
        Texts.Select(static text => (object?)text),
        Gen.Int[-3, 3].Select(static number => (object?)number),
        Gen.Long.Select(static number => (object?)number),
        Gen.Double[-1e9, 1e9].Select(static number => (object?)number),
        Gen.Bool.Select(static flag => (object?)flag),
        Gen.Const((object?)null));

    private static readonly Gen<object?> Values = Gen.Recursive<object?>(static (depth, inner) => depth >= 3 ? Leaves : Gen.Frequency(
        (4, Leaves),
        (1, inner.Array[0, 3].Select(static items => (object?)items.ToList())),
        (1, Members(inner).Select(static members => (object?)members))));

    private static readonly Dictionary<string, (object? Value, string? Refusal)> Table = new(
    [
        // read in two ways
        Row(Json("""{"x":1,"x":2}"""), "arguments/duplicate-key"),
        Row(Json("""[[{"x":1,"y":{"z":1,"\u007a":2}}]]"""), "arguments/duplicate-key"),
        Row(Json("""{"path":1,"PATH":2}"""), "arguments/duplicate-key"),
        Row(new Dictionary<string, object?> { ["path"] = 1, ["Path"] = 2 }, "arguments/duplicate-key"),
        Row(new Hashtable { ["path"] = 1, ["Path"] = 2 }, "arguments/duplicate-key"),
        Row(Json("""{"__proto__":{"admin":true}}"""), "arguments/reserved-key"),
        Row(Json("""[{"constructor":1}]"""), "arguments/reserved-key"),
        Row(new Dictionary<string, object?> { ["prototype"] = 1 }, "arguments/reserved-key"),
        Row(JsonNode.Parse("""{"a":{"__proto__":1}}"""), "arguments/reserved-key"),

        // sent as another text than the one scanned
        Row(Json("\"\\ud800\""), "arguments/unreadable"),
        Row(Json("""{"\udc00":1}"""), "arguments/unreadable"),
        Row("a\ud800", "arguments/unreadable"),
        Row("\udc00\ud800", "arguments/unreadable"),
        Row(new Dictionary<string, object?> { ["\ud800"] = 1 }, "arguments/unreadable"),
        Row(double.NaN, "arguments/unreadable"),
        Row(double.PositiveInfinity, "arguments/unreadable"),
        Row(float.NegativeInfinity, "arguments/unreadable"),
        Row(default(JsonElement), "arguments/unreadable"),

        // nobody can scan it
        Row(new MemoryStream([1]), "arguments/unscannable"),
        Row(new Uri("https://example.com/a?b"), null),
        Row(new object(), "arguments/unscannable"),
        Row(new { path = "/etc/passwd" }, "arguments/unscannable"),
        Row((ReadOnlyMemory<byte>)new byte[1], "arguments/unscannable"),
        Row(new HashSet<string> { "a" }, "arguments/unscannable"),
        Row(new Hashtable { [1] = 2 }, "arguments/unscannable"),
        Row(JsonValue.Create(new { path = "x" }), "arguments/unscannable"),
        Row((Func<int>)(static () => 1), "arguments/unscannable"),

        // too large
        Row(new string('x', 10_000_000), "arguments/size"),
        Row(Json($"\"{new string('x', 10_000_000)}\""), "arguments/size"),
        Row(Json(new string('1', 2_000_000)), "arguments/size"),
        Row(new byte[10_000_000], "arguments/size"),
        Row(Enumerable.Repeat(new string('x', 200), 9_000).ToList(), "arguments/size"),
        Row(new Dictionary<string, object?> { [new string('k', 1_100_000)] = 1 }, "arguments/size"),

        // too deep
        Row(Nested(63), null),
        Row(Nested(65), "arguments/depth"),
        Row(Nested(100_000), "arguments/depth"),
        Row(Json(new string('[', 63) + new string(']', 63)), null),
        Row(Json(new string('[', 65) + new string(']', 65)), "arguments/depth"),
        Row(Json(new string('[', 100_000) + new string(']', 100_000)), "arguments/depth"),
        Row(Json(string.Concat(Enumerable.Repeat("{\"a\":", 70)) + "1" + new string('}', 70)), "arguments/depth"),
        Row(Cyclic(1), "arguments/depth"),
        Row(Cyclic(3), "arguments/depth"),

        // fine
        Row(Json("""{"a":[1,-2.5e3,"x",true,null,{}]}"""), null),
        Row(new Hashtable { ["a"] = new ArrayList { 1, "x", null } }, null),
        Row(new Dictionary<string, int> { ["a"] = 1 }, null),
        Row(JsonNode.Parse("""{"a":[1,"x",null]}"""), null),
        Row(Guid.Empty, null),
        Row(DayOfWeek.Friday, null),
    ]);

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory, MemberData(nameof(Cases))]
    public void ArgumentsThatCanBeReadInTwoWaysOrInNoneAreRefused(string value)
    {
        var refusal = Table[value].Refusal;
        var arguments = Given.Arguments(("value", Table[value].Value));

        Assert.Equal(refusal, arguments.Refusal);
        Assert.Equal(refusal is null, arguments.Canonical.Length > 0);
        Assert.Equal(refusal is null, arguments.Text.Length > 0);
    }

    [Fact]
    public void TheKeysOfACallAreCheckedLikeAnyOthers()
    {
        Assert.Equal("arguments/duplicate-key", Given.Arguments(("to", 1), ("To", 2)).Refusal);
        Assert.Equal("arguments/reserved-key", Given.Arguments(("__proto__", 1)).Refusal);
        Assert.Equal("arguments/unreadable", Given.Arguments((null!, 1)).Refusal);
        Assert.Equal("arguments/unreadable", Given.Arguments(("\ud800", 1)).Refusal);
        Assert.Equal("arguments/size", Given.Arguments([.. Enumerable.Range(0, 10_001).Select(static i => ($"{i}", (object?)i))]).Refusal);
        Assert.Equal("arguments/unparsable", ToolArguments.Unparsable.Refusal);
        Assert.Equal("{}", ToolArguments.Empty.Canonical);
    }

    [Fact]
    public void WhateverAnArgumentThrowsIsARefusal()
    {
        var disposed = JsonDocument.Parse("{}");
        disposed.Dispose();

        Assert.Equal("arguments/unreadable", Given.Arguments(("x", disposed)).Refusal);
        Assert.Equal("arguments/unreadable", ToolArguments.From(Throwing(new NotSupportedException())).Refusal);
        Assert.Equal("arguments/unreadable", ToolArguments.From(Throwing(new IOException())).Refusal);
        Assert.Equal("arguments/unreadable", Given.Arguments(("x", Throwing(new InvalidCastException()))).Refusal);

        static IEnumerable<KeyValuePair<string, object?>> Throwing(Exception e)
        {
            yield return KeyValuePair.Create("a", (object?)1);
            throw e;
        }
    }

    [Fact]
    public void TheCanonicalFormIsThatOfTheValueNotOfItsRepresentation() => Members(Values).Sample(static members =>
    {
        var arguments = ToolArguments.From(members);
        var json = JsonSerializer.SerializeToElement(members);
        ToolArguments[] others =
        [
            ToolArguments.From(members.Reverse()),
            ToolArguments.From(json.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, (object?)member.Value))),
            ToolArguments.From(JsonNode.Parse(json.GetRawText())!.AsObject().Select(static member => KeyValuePair.Create(member.Key, (object?)member.Value)).Reverse()),
            ToolArguments.From(((Dictionary<string, object?>)Turned(members)!)),
        ];

        Assert.Null(arguments.Refusal);
        Assert.True(JsonElement.DeepEquals(json, JsonSerializer.Deserialize<JsonElement>(arguments.Canonical)));
        Assert.All(others, other => Assert.Equal(
            (arguments.Canonical, arguments.Text, arguments.CallHash("t"), Convert.ToHexString(arguments.Hash("t"))),
            (other.Canonical, other.Text, other.CallHash("t"), Convert.ToHexString(other.Hash("t")))));
    }, iter: 500);

    [Fact]
    public void TheHashDiffersWhenAnythingDiffers() => Gen.Select(Members(Values), Members(Values)).Sample(static (a, b) =>
    {
        var same = JsonElement.DeepEquals(JsonSerializer.SerializeToElement(a), JsonSerializer.SerializeToElement(b));
        Assert.Equal(same, ToolArguments.From(a).CallHash("t") == ToolArguments.From(b).CallHash("t"));
        Assert.Equal(same, ToolArguments.From(a).Hash("t").SequenceEqual(ToolArguments.From(b).Hash("t")));
        Assert.NotEqual(ToolArguments.From(a).CallHash("t"), ToolArguments.From(a).CallHash("T"));
    }, iter: 500);

    [Fact]
    public void ValuesOfDifferentTypesOrPlacesAreDifferentCalls()
    {
        ToolArguments[] all =
        [
            ToolArguments.Empty, ToolArguments.Unparsable, Given.Arguments(("a", 1)), Given.Arguments(("a", "1")), Given.Arguments(("a", 1.5)), Given.Arguments(("a", true)), Given.Arguments(("a", "true")),
            Given.Arguments(("a", null)), Given.Arguments(("a", "null")), Given.Arguments(("b", 1)), Given.Arguments(("a", new List<object?> { 1 })), Given.Arguments(("a", new Dictionary<string, object?> { ["a"] = 1 })),
            Given.Arguments(("a", ""), ("b", "")), Given.Arguments(("a", "\",\"b\":\"")), Given.Arguments(("a", "x\ny")), Given.Arguments(("a", "x"), ("y", "")),
        ];

        Assert.Equal(all.Length, all.Select(static arguments => arguments.CallHash("t")).Distinct().Count());
        Assert.DoesNotContain(0UL, all.Select(static arguments => arguments.CallHash("t")));
    }

    [Fact]
    public void TheCanonicalFormDoesNotDependOnTheCulture()
    {
        var before = CultureInfo.CurrentCulture;
        object?[] values = [1.5, -2, 1_000_000.25m, new DateTime(2026, 1, 2), TimeSpan.FromHours(1.5), float.Epsilon];
        var invariant = values.Select(static value => Given.Arguments(("I", value)).Canonical).ToArray();
        try
        {
            foreach (var culture in (string[])["tr-TR", "de-DE", "ar-SA", "sv-SE"])
            {
                CultureInfo.CurrentCulture = new(culture);
                Assert.Equal(invariant, values.Select(static value => Given.Arguments(("I", value)).Canonical));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void KeysAndStringsOfEveryDepthAreWhatAScannerReads()
    {
        var arguments = Given.Arguments(("a", Json("""{"b":["x",{"c":"y\u0041"}],"n":12}""")), ("z", "last"));

        Assert.Equal(["a", "b", "c", "last", "n", "x", "yA", "z"], arguments.Text.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal));
    }

    private static Gen<Dictionary<string, object?>> Members(Gen<object?> values) =>
        Gen.Select(Gen.Shuffle((string[])["a", "b", "cc", "é", "Z"], 0, 4), values.Array[4]).Select(static pair => pair.Item1.Zip(pair.Item2).ToDictionary(static m => m.First, static m => m.Second));

    /// <summary>The same value with the keys of every object in the opposite order.</summary>
    private static object? Turned(object? value) => value switch
    {
        Dictionary<string, object?> members => members.Reverse().ToDictionary(static member => member.Key, static member => Turned(member.Value)),
        List<object?> items => items.Select(Turned).ToList(),
        _ => value,
    };

    private static KeyValuePair<string, (object? Value, string? Refusal)> Row(object? value, string? refusal, [CallerArgumentExpression(nameof(value))] string name = "") => new(name, (value, refusal));

    private static List<object?> Nested(int depth)
    {
        var list = new List<object?>();
        for (var i = 1; i < depth; i++)
        {
            list = [list];
        }

        return list;
    }

    private static Dictionary<string, object?> Cyclic(int ways)
    {
        var members = new Dictionary<string, object?>();
        for (var i = 0; i < ways; i++)
        {
            members[$"{i}"] = members;
        }

        return members;
    }

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text, new() { MaxDepth = 1_000_000 });
        return document.RootElement.Clone();
    }
}
