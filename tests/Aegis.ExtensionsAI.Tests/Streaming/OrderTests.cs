using Aegis.Policies;
using Aegis.Testing;
using CsCheck;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests.Streaming;

/// <summary>What a model says in some order is shown in that order, though the ends of texts are held back until it is known what they are.</summary>
public class OrderTests
{
    private static readonly AegisPolicy Policy = Some.Balanced with { Capabilities = new() { Allow = ["*"] } };
    private static readonly AegisGuard[] Guards = [AegisGuard.Create(Policy), AegisGuard.Create(Policy with { Output = Policy.Output with { Delivery = OutputDelivery.Buffered } })];

    private static int _sessions;

    /// <summary>Each part is what it is (T: text, R: reasoning, C: a call, D: a picture), and what it says.</summary>
    [Theory]
    [InlineData("T=I look for ann|C=1|T=and for bea", null)]
    [InlineData("T=I look for ann|C=1", null)]
    [InlineData("C=1|T=I look for ann", null)]
    [InlineData("T=ann|C=1|C=2|T=bea", null)]
    [InlineData("T=ann|C=1|T=b|C=2|T=cleo", null)]
    [InlineData("R=I think of ann|T=I look for ann|C=1|R=and of bea|T=bea", null)]
    [InlineData("T=ann|R=bea|T=cleo|R=dora", null)]
    [InlineData("R=ann|C=1|T=bea|C=2|R=cleo", null)]
    [InlineData("T=this is ann|D=1|T=and this is bea|D=2", null)]
    [InlineData("T=Write to mira.kolbe@quell|C=1|T=bruck-optik.de, please", "T=Write to [REDACTED-EMAIL]|C=1|T=, please")]
    [InlineData("T=Her card is 4539 |C=1|T=1488 |D=1|T=0343 6467 ok", "T=Her card is [REDACTED-CREDIT-CARD]|C=1|D=1|T= ok")]
    [InlineData("T=Her card is 4539 1488 0343 6467, ann|C=1|T=and bea", "T=Her card is [REDACTED-CREDIT-CARD], ann|C=1|T=and bea")]
    public async Task InEveryCut(string said, string? shown)
    {
        foreach (var guard in Guards)
        {
            foreach (var size in new[] { 1, 2, 3, 1_000 })
            {
                Assert.Equal(shown ?? said, await ShownAsync(guard, [.. Contents(said, size).Select(static content => Update(content))]));
                for (var cut = 0; cut < Contents(said, size).Count; cut++)
                {
                    var contents = Contents(said, size);
                    Assert.Equal(shown ?? said, await ShownAsync(guard, Update([.. contents.Take(cut)]), Update([.. contents.Skip(cut)])));
                }
            }
        }
    }

    [Fact]
    public async Task WhateverIsSaidAndHoweverItIsDelivered()
    {
        string[] words = ["ann", "I look. ", "a@b ", "12 + ", "well", "[see](", "\n"];
        var part = Gen.Frequency(
            (4, Gen.OneOf(words).Array[1, 3].Select(static words => $"T={string.Concat(words)}")),
            (2, Gen.OneOf(words).Array[1, 3].Select(static words => $"R={string.Concat(words)}")),
            (2, Gen.Const("C=1")),
            (1, Gen.Const("D=1")));
        await Gen.Select(part.Array[1, 8], Gen.Int[1, 9], Gen.Int[1, 5].Array[1, 9]).SampleAsync(async (parts, size, sizes) =>
        {
            var said = Joined(parts.Select(static (part, i) => part[0] == 'C' ? $"C={i}" : part));   // the same call again and again is a loop
            foreach (var guard in Guards)
            {
                var rest = Contents(said, size);
                var updates = new List<ChatResponseUpdate>();
                for (var i = 0; rest.Count > 0; i++)
                {
                    updates.Add(Update([.. rest.Take(sizes[i % sizes.Length])]));
                    rest.RemoveRange(0, Math.Min(rest.Count, sizes[i % sizes.Length]));
                }

                Assert.Equal(said, await ShownAsync(guard, [.. updates]));
            }
        }, iter: 200);
    }

    [Theory]
    [InlineData("T=I look for ann|C=1|T=and for bea")]
    [InlineData("R=I think of ann|T=I look for bea|C=1|T=and cleo|C=2")]
    [InlineData("T=this is ann|D=1|T=and this is bea")]
    public async Task InAnAnswerThatIsNotStreamed(string said)
    {
        using var model = new FixedStream(Update([.. Contents(said, 1_000)]));
        var response = await model.AsBuilder().UseAegis(Policy).Build().GetResponseAsync("hi", Some.With(Some.Tool("search")), Some.Token);
        Assert.Equal(said, Shown(response.Messages.SelectMany(static message => message.Contents)));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task OverStepsOfALoop(bool outside, bool inside)
    {
        using var model = new ScriptedChatClient(Some.Call("search", "1") with { Text = "I look for ann" }, Some.Call("search", "2") with { Text = "and for bea", Reasoning = "who is bea" }, ScriptedTurn.Say("both are here"));
        var builder = model.AsBuilder();
        builder = outside ? builder.UseAegis(Policy) : builder;
        builder = builder.UseFunctionInvocation();
        builder = inside ? builder.UseAegis(Policy) : builder;
        var updates = await builder.Build().GetStreamingResponseAsync("hi", Some.With(Some.Tool("search")), Some.Token).ToListAsync(Some.Token);
        Assert.Equal("T=I look for ann|C=1|F|R=who is bea|T=and for bea|C=2|F|T=both are here", Shown(updates.SelectMany(static update => update.Contents)));
    }

    [Fact]
    public async Task WhatIsSaidBehindTextThatIsHeldBackIsNotShownWhenItIsBlocked()
    {
        foreach (var size in new[] { 1, 3, 1_000 })
        {
            var shown = await ShownAsync(Guards[0], [.. Contents("T=The token is ghp_f3kQ9xT2mVb7Lw0R|D=1|C=1|R=nobody reads this|T=zYc8NsJd4HgA6EuP1iKo, keep it.", size).Select(static content => Update(content))]);
            Assert.StartsWith("T=The token is", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("ghp_", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("nobody", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("D=1", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("C=1", shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TheSignatureOfAThoughtStandsBehindAllOfIt()
    {
        var contents = new AIContent[] { new TextReasoningContent("It may rain tomorrow"), new TextReasoningContent("") { ProtectedData = "signed" }, new TextContent("Take an umbrella") };
        foreach (var updates in new ChatResponseUpdate[][] { [Update(contents)], [.. contents.Select(static content => Update(content))] })
        {
            using var model = new FixedStream(updates);
            var response = await model.AsBuilder().UseAegis(Policy).Build().GetStreamingResponseAsync("hi", cancellationToken: Some.Token).ToChatResponseAsync(Some.Token);
            var thought = Assert.Single(response.Messages.SelectMany(static message => message.Contents).OfType<TextReasoningContent>());
            Assert.Equal(("It may rain tomorrow", "signed"), (thought.Text, thought.ProtectedData));
        }
    }

    private static async Task<string> ShownAsync(AegisGuard guard, params ChatResponseUpdate[] updates)
    {
        using var model = new FixedStream(updates);
        using var session = AegisScope.Begin(FormattableString.Invariant($"order-{Interlocked.Increment(ref _sessions)}"));
        var shown = await model.AsBuilder().UseAegis(guard).Build().GetStreamingResponseAsync("hi", Some.With(Some.Tool("search")), Some.Token).ToListAsync(Some.Token);
        return Shown(shown.SelectMany(static update => update.Contents));
    }

    private static ChatResponseUpdate Update(params AIContent[] contents) => new(ChatRole.Assistant, contents) { MessageId = "m" };

    /// <summary>The parts, texts in pieces of a size.</summary>
    private static List<AIContent> Contents(string said, int size)
    {
        var calls = 0;
        return [.. said.Split('|').SelectMany(part => part[0] switch
        {
            'T' => part[2..].Chunk(size).Select(static piece => new TextContent(new(piece))),
            'R' => part[2..].Chunk(size).Select(static piece => new TextReasoningContent(new(piece))),
            'C' => [new FunctionCallContent($"c{++calls}", "search", new Dictionary<string, object?> { ["value"] = part[2..] })],
            _ => (IEnumerable<AIContent>)[new DataContent(new byte[] { (byte)(part[2] - '0') }, "image/png")],
        })];
    }

    private static string Shown(IEnumerable<AIContent> contents) => Joined(contents.Select(static content => content switch
    {
        TextContent text => $"T={text.Text}",
        TextReasoningContent thought => $"R={thought.Text}",
        FunctionCallContent call => $"C={call.Arguments?["value"]}",
        FunctionResultContent => "F",
        DataContent data => $"D={data.Data.Span[0]}",
        _ => "",
    }));

    /// <summary>Texts that stand side by side are one.</summary>
    private static string Joined(IEnumerable<string> parts)
    {
        var joined = new List<string>();
        foreach (var part in parts.Where(static part => part is not ("" or "T=" or "R=")))
        {
            if (joined.Count > 0 && part[0] is 'T' or 'R' && joined[^1][0] == part[0])
            {
                joined[^1] += part[2..];
            }
            else
            {
                joined.Add(part);
            }
        }

        return string.Join('|', joined);
    }
}
