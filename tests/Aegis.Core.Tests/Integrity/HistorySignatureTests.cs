using Aegis.Integrity;

namespace Aegis.Core.Tests.Integrity;

/// <summary>Promise P31: which key signs and which verifies, and that a signature is one key's word on one conversation of one session.</summary>
public class HistorySignatureTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 30, 12, 0, 0, TimeSpan.Zero);

    private static HistoryKey Key(string id = "k1", byte fill = 1, DateTimeOffset? expires = null) => new(id, [.. Enumerable.Repeat(fill, 32)], expires);

    [Fact]
    public void ASignatureIsOfOneKeyOneSessionAndOneConversation()
    {
        var chain = Chain("s", 1, 2);
        var signature = HistorySignature.Parse(HistorySignature.Of(Key(), chain).ToString())!;
        Assert.True(signature.IsOf(Key(), chain, 2));
        Assert.False(signature.IsOf(Key(fill: 2), chain, 2));
        Assert.False(signature.IsOf(Key("k2"), chain, 2));
        Assert.False(signature.IsOf(Key(), Chain("t", 1, 2), 2));
        Assert.False(signature.IsOf(Key(), Chain("", 1, 2), 2));
        Assert.False(signature.IsOf(Key(), Chain("s", 2, 1), 2));
        Assert.False(signature.IsOf(Key(), Chain("s", 1, 3), 2));
        Assert.False(signature.IsOf(Key(), Chain("s", 1), 1));
        Assert.True(signature.IsOf(Key(), Chain("s", 1, 2, 3), 2));
        Assert.False(signature.IsOf(Key(), Chain("s", 1, 2, 3), 3));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.k1.2")]
    [InlineData("2.k1.2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1.k1.-2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1.k1. 2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1.k 1.2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1..2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1.k1.2.AAAA")]
    [InlineData("1.k1.2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("1.k1.2.!!!!")]
    [InlineData("1.k1.2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.x")]
    public void WhatIsNoSignatureIsNone(string text) => Assert.Null(HistorySignature.Parse(text));

    [Fact]
    public void NothingLongIsRead() => Assert.Null(HistorySignature.Parse($"1.k1.2.{new string('A', 100_000)}"));

    [Fact]
    public void TheFirstKeyThatCountsSignsAndAllThatCountVerify()
    {
        var keys = new HistoryKeys([Key("new", 2, Noon.AddDays(2)), Key("old", 1, Noon.AddDays(1)), Key("oldest", 3, Noon)]);
        Assert.Equal("new", keys.SignsAt(Noon)!.Id);
        Assert.Equal(["new", "old"], keys.At(Noon).Select(static key => key.Id));
        Assert.NotNull(keys.Find("old", Noon.AddDays(1).AddTicks(-1)));
        Assert.Null(keys.Find("old", Noon.AddDays(1)));   // until then, and not then
        Assert.Null(keys.Find("oldest", Noon));
        Assert.Null(keys.Find("nobody", Noon));
        Assert.Equal("new", keys.SignsAt(Noon.AddDays(1))!.Id);
        Assert.Null(keys.SignsAt(Noon.AddDays(2)));
    }

    [Fact]
    public void AKeyThatHasExpiredSignsNothingAnyMore() => Assert.Equal("next", new HistoryKeys([Key("gone", 1, Noon), Key("next", 2)]).SignsAt(Noon)!.Id);

    [Fact]
    public void WhatASessionRemembersIsHalfASignature()
    {
        var chain = Chain("s", 1, 2);
        var code = HistorySignature.Short(Key(), chain, 2);
        Assert.True(HistorySignature.IsShort(code, Key(), chain, 2));
        Assert.False(HistorySignature.IsShort(code + 1, Key(), chain, 2));
        Assert.False(HistorySignature.IsShort(code, Key(), chain, 1));
        Assert.False(HistorySignature.IsShort(code, Key(fill: 2), chain, 2));
    }

    private static HistoryChain Chain(string session, params byte[] messages)
    {
        var chain = new HistoryChain(session);
        foreach (var message in messages)
        {
            chain.Add(Enumerable.Repeat(message, 32).ToArray());
        }

        return chain;
    }
}
