using Aegis.AspNetCore.Sessions;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore.Tests.Sessions;

public class ConversationReaderTests
{
    private static readonly ConversationReader Conversations = new(new() { Query = "conversation" });

    private static readonly string[] BadIds = ["", " ", "a b", "a,b", "a/b", "a\nb", "\u0000", "é", "а", "a\u202eb", "\ud800", new('a', 129), new('a', 10_240), "<script>", "a\u200bb"];

    [Theory]
    [InlineData("a")]
    [InlineData("0198c1f2-7d6e-7cc0-b7a5-6a31b0d3a111")]
    [InlineData("thread_abc.DEF~1:2@x+y==")]
    public void AnIdMayStandInTheRouteAHeaderOrTheQuery(string id)
    {
        Assert.Equal((id, null), Conversations.Read(Request(route: id)));
        Assert.Equal((id, null), Conversations.Read(Request(header: [id])));
        Assert.Equal((id, null), Conversations.Read(Request(query: id)));
        Assert.Equal((id, null), Conversations.Read(Request(route: id, header: [id], query: id)));
    }

    [Fact]
    public void WhatCannotBeAnIdIsRefused() => Assert.All(BadIds, static id =>
    {
        Assert.Equal((null, SessionRefusal.BadId), Conversations.Read(Request(route: id)));
        Assert.Equal((null, SessionRefusal.BadId), Conversations.Read(Request(header: [id])));
        Assert.Equal((null, SessionRefusal.BadId), Conversations.Read(Request(query: id)));
    });

    [Fact]
    public void AnIdIsWhatTheRuleSaysAndNothingElse() => Gen.String.Sample(static text =>
        ConversationReader.IsId(text) == (text.Length is >= 1 and <= 128 && text.All(static c => char.IsAsciiLetterOrDigit(c) || "-_.~:@+=".Contains(c, StringComparison.Ordinal))));

    [Fact]
    public void EveryIdCanNameASession() => Gen.Char.AlphaNumeric.Array[1, 200].Sample(static letters =>
        !ConversationReader.IsId(new(letters)) || new SessionId(new(letters), "ada").Id == new string(letters));

    [Fact]
    public void TwoIdsAreOneTooMany()
    {
        Assert.Equal((null, SessionRefusal.SeveralIds), Conversations.Read(Request(header: ["a", "a"])));
        Assert.Equal((null, SessionRefusal.SeveralIds), Conversations.Read(Request(route: "a", header: ["b"])));
        Assert.Equal((null, SessionRefusal.SeveralIds), Conversations.Read(Request(route: "a", query: "A")));
        Assert.Equal((null, SessionRefusal.SeveralIds), Conversations.Read(Request(header: [])));
    }

    [Fact]
    public void WhoSaysNoIdGetsANewOneThatNobodyGuesses()
    {
        var ids = Enumerable.Range(0, 1_000).Select(static _ =>
        {
            var request = Request();
            var (id, refusal) = Conversations.Read(request);
            Assert.Null(refusal);
            Assert.Equal(id, request.Response.Headers["X-Conversation-Id"]);
            return id!;
        }).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, static id => Assert.True(id.Length == 22 && ConversationReader.IsId(id)));   // 128 bits
    }

    [Fact]
    public void ANewIdIsOnlyMadeWhereItCanBeTold() =>
        Assert.Equal((null, SessionRefusal.NoId), new ConversationReader(new() { Header = null }).Read(Request(header: ["a"])));

    [Fact]
    public void WhatIsNotLookedAtSaysNothing()
    {
        Assert.NotEqual("a", new ConversationReader(new()).Read(Request(query: "a")).Id);
        Assert.NotEqual("a", new ConversationReader(new() { RouteValue = null }).Read(Request(route: "a")).Id);
    }

    private static DefaultHttpContext Request(string? route = null, string[]? header = null, string? query = null)
    {
        var request = new DefaultHttpContext();
        if (route is not null)
        {
            request.Request.RouteValues["conversationId"] = route;
        }

        if (header is [])
        {
            request.Request.Headers["X-Conversation-Id"] = new string?[] { null, null };
        }
        else if (header is not null)
        {
            request.Request.Headers["X-Conversation-Id"] = header;
        }

        if (query is not null)
        {
            request.Request.QueryString = QueryString.Create("conversation", query);
        }

        return request;
    }
}
