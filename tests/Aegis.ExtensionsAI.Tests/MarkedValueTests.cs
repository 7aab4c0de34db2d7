using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Prompting;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Values that have text in them, whatever a provider makes of JSON.</summary>
public sealed class MarkedValueTests
{
    private static readonly TextMarking Marking = TextMarking.Create(MarkingStrategy.Datamarking, [], TextMarking.Random);
    private static readonly Marks Known = new([Marking], isMarking: true, showsErrors: true);
    private static readonly string To = Marking.Mark("eve@evil.example");

    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, Of("").Length)];

    [Theory, MemberData(nameof(Kinds))]
    public void MarksComeOffArgumentsOfEveryKind(int kind)
    {
        var arguments = new Dictionary<string, object?> { ["to"] = Of(To)[kind] };
        Assert.True(Known.Unmark(arguments));
        Assert.Equal(ToolArguments.From([new("to", Of("eve@evil.example")[kind])]).Canonical, ToolArguments.From(arguments).Canonical);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void ArgumentsWithoutMarksStayTheVerySame(int kind)
    {
        var value = Of("bob@quellbruck-optik.de")[kind];
        var arguments = new Dictionary<string, object?> { ["to"] = value };
        Assert.False(Known.Unmark(arguments));
        Assert.Same(value, arguments["to"]);
    }

    [Fact]
    public void ATextFileInAResultIsMarkedToo()
    {
        var marked = Assert.IsAssignableFrom<IEnumerable<AIContent>>(MarkedValue.Mark(new AIContent[] { new TextContent("a page"), new DataContent("a file"u8.ToArray(), "text/html;charset=us-ascii"), new DataContent(ScriptedExtractor.Picture("x"), "image/png") }, Marking.Mark)).ToList();
        Assert.Equal([Marking.Mark("a page"), Marking.Mark("a file")], [((TextContent)marked[0]).Text, TextData.Of(marked[1])!]);
        Assert.True(((DataContent)marked[2]).Data.Span.SequenceEqual(ScriptedExtractor.Picture("x")));
    }

    [Fact]
    public void WhatAFunctionThrewComesBackAsItWas()
    {
        var thrown = new InvalidOperationException("no mail for you");
        var marked = Known.Mark(thrown);
        Assert.NotEqual(thrown.Message, marked.Message);
        Assert.Same(thrown, Known.Unmark(new FunctionResultContent("a", $"Error: {marked.Message}") { Exception = marked }).Exception);
        Assert.Same(thrown, Known.Unmark(new FunctionResultContent("a", "Error: Function failed.") { Exception = marked }).Exception);
    }

    [Fact]
    public void MarksComeOffErrorsWhole()
    {
        var error = Assert.IsType<ErrorContent>(Assert.Single(new Unmarker(Known).Take([new ErrorContent("failed") { Details = Marking.Mark("a page"), ErrorCode = "1" }])));
        Assert.Equal(("failed", "a page", "1"), (error.Message, error.Details, error.ErrorCode));
        var same = new ErrorContent("failed") { Details = "a page" };
        Assert.Same(same, Assert.Single(new Unmarker(Known).Take([same])));
    }

    private static object[] Of(string text) =>
    [
        text,
        JsonSerializer.SerializeToElement(new[] { text }),
        new List<object?> { 1, text },
        new[] { text },
        new Dictionary<string, object?> { ["list"] = new List<object?> { text, null, true } },
        new Dictionary<string, string> { ["name"] = text },
        new JsonArray(text, 2.5),
        new JsonObject { ["name"] = text },
        JsonDocument.Parse(JsonSerializer.Serialize(new { name = text })),
    ];
}
