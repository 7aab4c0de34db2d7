using System.Text;
using Aegis.Flow;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Core.Tests.Flow;

public class FlowEntryCodecTests
{
    private static readonly ToolEffect Directory = ToolEffectInference.Default.Of(new ToolInfo("search_contacts"));

    [Fact]
    public void AnEntryIsReadAsItWasWritten()
    {
        var entry = new FlowEntry { Labels = SessionLabels.Both, IsForgotten = true, HasLostPrivate = true };
        entry.User.Add(new("mail it to bob \ud800", 7));
        entry.System.Add(new("be kind", 6));
        entry.Fields.Add((42, new("search_contacts", Directory, "email", IsNamed: true, IsTrusted: false) { Within = "members", IsLabelled = true }));
        entry.Fields.Add((43, new("search_contacts", Directory, "email", IsNamed: true, IsTrusted: false) { Within = "members", IsLabelled = true }));
        entry.Spans.AddRange([3, uint.MaxValue]);
        entry.Calls.Add(new(9, 77, "search_contacts", Directory, IsNamed: true));
        var (read, origin) = FlowEntryCodec.Read(FlowEntryCodec.Write(entry, 5));
        Assert.Equal((5ul, SessionLabels.Both, true, true), (origin, read.Labels, read.IsForgotten, read.HasLostPrivate));
        Assert.Equal([("mail it to bob \ud800", 7L)], read.User.Select(static text => (text.Plain, text.At)));
        Assert.Equal([("be kind", 6L)], read.System.Select(static text => (text.Plain, text.At)));
        Assert.Equal(entry.Fields, read.Fields);
        Assert.Equal(entry.Spans, read.Spans);
        Assert.Equal((9L, 77ul, "search_contacts", true), (read.Calls[0].At, read.Calls[0].Call, read.Calls[0].Tool, read.Calls[0].IsNamed));
        Assert.All([read.Calls[0].Effect, read.Fields[0].Source.Effect], static effect => Assert.Equal(
            (Directory.Reach, Directory.IsDirectory, Directory.IsWritten, Directory.IsPrivate, string.Join(' ', Directory.Words.Order(StringComparer.Ordinal))),
            (effect.Reach, effect.IsDirectory, effect.IsWritten, effect.IsPrivate, string.Join(' ', effect.Words.Order(StringComparer.Ordinal)))));
    }

    [Fact]
    public void WhatAPolicySaysOfAToolIsKeptAgainstItsName()
    {
        var entry = new FlowEntry();
        entry.Calls.Add(new(1, 1, "search_contacts", Directory with { Reach = ToolReach.Egress, IsDirectory = false, IsWritten = true, IsPrivate = true }, IsNamed: false));
        var effect = FlowEntryCodec.Read(FlowEntryCodec.Write(entry, 1)).Entry.Calls[0].Effect;
        Assert.Equal((ToolReach.Egress, false, true, true), (effect.Reach, effect.IsDirectory, effect.IsWritten, effect.IsPrivate));
    }

    [Fact]
    public void NothingThatIsCutOrGoesOnIsAnEntry()
    {
        var memory = Shared();
        memory.AddUser("Mail it to bob@corp.example.");
        memory.AddResult(new ToolResult("search_contacts", """[{"email":"emma@corp.example"}]"""), default);
        var bytes = FlowEntryCodec.Write(memory.Everything(), 1);
        Assert.NotEmpty(FlowEntryCodec.Read(bytes).Entry.Fields);
        for (var i = 0; i < bytes.Length; i++)
        {
            Assert.ThrowsAny<Exception>(() => FlowEntryCodec.Read(bytes[..i]));
        }

        Assert.Throws<InvalidDataException>(() => FlowEntryCodec.Read([.. bytes, 0]));
    }

    [Fact]
    public void NoValueThatAToolReturnedIsInIt()
    {
        var memory = Shared();
        memory.AddUser("Mail the canary to bob@corp.example.");
        memory.AddResult(new ToolResult("read_mail", """[{"from":"nightingale@corp.example","body":"The nightingale sang. Ask Nightingale Road 12."}]"""), new ToolOrigin(false, false, IsPrivate: true));
        memory.AddResult(new ToolResult("read_page", "nightingale nightingale@corp.example and more"), default);
        memory.AddText("nightingale said it");
        memory.AddTail("nightingale", isTyped: false);
        var bytes = FlowEntryCodec.Write(memory.TakeNews()!, 1);
        foreach (var encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode])
        {
            Assert.True(bytes.AsSpan().IndexOf(encoding.GetBytes("nightingale")) < 0);
        }

        Assert.True(bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes("bob@corp.example")) >= 0);   // the user's own words are
    }

    [Fact]
    public void PlacesWithNamesWithoutAnEndStayHere()
    {
        var memory = Shared();
        memory.AddResult(new ToolResult("list_users", $$"""[{"{{new string('x', 200)}}":"emma@corp.example","email":"tom@corp.example"}]"""), default);
        Assert.Single(FlowEntryCodec.Read(FlowEntryCodec.Write(memory.TakeNews()!, 1)).Entry.Fields);
    }

    private static FlowMemory Shared() => new(1, static () => 0);
}
