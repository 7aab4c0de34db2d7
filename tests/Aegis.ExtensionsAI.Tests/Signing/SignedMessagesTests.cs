using Aegis.Integrity;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests.Signing;

/// <summary>What of a message is signed.</summary>
public class SignedMessagesTests
{
    public static TheoryData<AIContent> Contents =>
    [
        new TextContent("hello"), new TextContent("\u00e9\ud83d\ude00\u2028<>&"), new TextReasoningContent("hm") { ProtectedData = "x" }, new TextReasoningContent("") { ProtectedData = "x" },
        new FunctionCallContent("c", "f"), new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["a"] = 1, ["b"] = 1.5m, ["c"] = 1e300, ["d"] = new DateTime(2026, 1, 2), ["e"] = null, ["f"] = new[] { 1, 2 }, ["g"] = Guid.Empty, ["h"] = DayOfWeek.Monday }),
        new FunctionResultContent("c", "text"), new FunctionResultContent("c", null), new FunctionResultContent("c", 1.50), new FunctionResultContent("c", new TextContent("x")), new FunctionResultContent("c", new List<AIContent> { new TextContent("y"), new DataContent(new byte[] { 1 }, "image/png") }),
        new DataContent(new byte[] { 1, 2 }, "text/plain;charset=utf-8") { Name = "n" }, new DataContent("data:text/plain,hello"), new UriContent("https://example.com/\u00e9?a=b", "image/*"), new ErrorContent("e") { ErrorCode = "1", Details = "d" }, new HostedFileContent("f"),
        new McpServerToolCallContent("i", "n", "s") { Arguments = new Dictionary<string, object?> { ["x"] = 1 } }, new McpServerToolResultContent("i") { Outputs = [new TextContent("o")] }, new CodeInterpreterToolCallContent("i") { Inputs = [new DataContent(new byte[] { 1 }, "text/x-python")] }, new WebSearchToolCallContent("i") { Queries = ["q"] },
    ];

    [Theory, MemberData(nameof(Contents))]
    public void AJourneyThroughJsonChangesNothing(AIContent content)
    {
        ChatMessage message = new(ChatRole.Assistant, [content]) { AuthorName = "bot" };
        Assert.False(Of(message).Digest.IsEmpty);
        Assert.Equal(Sum(message), Sum(Chat.Kept([message])[0]));
        Assert.Equal(Sum(message), Sum(Chat.Kept(Chat.Kept([message]))[0]));
    }

    [Fact]
    public void NoTwoOfThemAreTheSame() => Assert.Equal(Contents.Count, Contents.Select(static row => Sum(new(ChatRole.Assistant, [row.Data]))).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void WhatNoModelReadsIsNotSigned()
    {
        ChatMessage plain = new(ChatRole.Assistant, "hello");
        ChatMessage hung = new(ChatRole.Assistant, [new TextContent("hello") { AdditionalProperties = new() { ["logprobs"] = 1 }, RawRepresentation = "raw", Annotations = [new CitationAnnotation { Title = "t" }] }, new UsageContent(new() { TotalTokenCount = 5 }), new TextContent("")])
        {
            MessageId = "m1",
            CreatedAt = DateTimeOffset.UnixEpoch,
            AdditionalProperties = new() { ["mine"] = 1 },
            RawRepresentation = "raw",
            AuthorName = "",
        };
        Assert.Equal(Sum(plain), Sum(hung));
        FunctionCallContent made = new("c", "f", new Dictionary<string, object?>());
        Assert.Equal(Sum(new(ChatRole.Assistant, [made])), Sum(new(ChatRole.Assistant, [new FunctionCallContent("c", "f") { InformationalOnly = true }])));
    }

    [Fact]
    public void WhoSaysNothingIsLeftOut()
    {
        Assert.True(Of(new(ChatRole.Assistant, "")).IsEmpty);
        Assert.True(Of(new(ChatRole.Assistant, [new UsageContent(new())])).IsEmpty);
        Assert.True(Of(new(ChatRole.Assistant, [new ToolApprovalRequestContent("q", new FunctionCallContent("c", "f"))])).IsEmpty);
        Assert.True(Of(new(ChatRole.User, [new ToolApprovalResponseContent("q", true, new FunctionCallContent("c", "f"))])).IsEmpty);
        Assert.False(Of(new(ChatRole.User, "")).IsEmpty);   // models do read that a user has said nothing
    }

    [Fact]
    public void AContentOfNobodyKnowsWhatCountsByItsType()
    {
        Assert.NotEqual(Sum(new(ChatRole.User, [new Strange()])), Sum(new(ChatRole.User, [new Stranger()])));
        Assert.NotEqual(Sum(new(ChatRole.User, [])), Sum(new(ChatRole.User, [new Strange()])));
    }

    [Fact]
    public void WhatCanBeReadInTwoWaysIsNotSigned()
    {
        Assert.True(Of(new(ChatRole.Tool, [new FunctionResultContent("c", System.Text.Json.JsonElement.Parse("""{"a":1,"a":2}"""))])).Digest.IsEmpty);
        Assert.True(Of(new(ChatRole.Tool, [new FunctionResultContent("c", System.Text.Json.JsonElement.Parse("\"\\ud800\""))])).Digest.IsEmpty);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(true)]
    public void ASignatureThatIsNoTextIsNone(object value) => Assert.Equal("", Of(new(ChatRole.Assistant, "x") { AdditionalProperties = new() { [SignedMessages.Property] = value } }).Signature);

    [Fact]
    public void OnlyTheSignatureComesOff()
    {
        ChatMessage message = new(ChatRole.Assistant, "x") { AdditionalProperties = new() { [SignedMessages.Property] = "s", ["mine"] = 1 } };
        Assert.Equal(["mine"], SignedMessages.Bare(message).AdditionalProperties!.Keys);
        Assert.Equal(2, message.AdditionalProperties.Count);   // the app's own stays as it is
        ChatMessage other = new(ChatRole.Assistant, "x");
        Assert.Same(other, SignedMessages.Bare(other));
        Assert.Null(SignedMessages.Bare(new(ChatRole.Assistant, "x") { AdditionalProperties = new() { [SignedMessages.Property] = "s" } }).AdditionalProperties);
    }

    private static HistoryMessage Of(ChatMessage message) => SignedMessages.Of(message, static _ => false);

    private static string Sum(ChatMessage message) => Convert.ToHexString(Of(message).Digest.Span);

    private sealed class Strange : AIContent;

    private sealed class Stranger : AIContent;
}
