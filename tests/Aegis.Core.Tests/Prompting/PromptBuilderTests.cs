using Aegis.Core.Tests.Sessions;
using Aegis.Prompting;
using CsCheck;

namespace Aegis.Core.Tests.Prompting;

public class PromptBuilderTests
{
    public static TheoryData<MarkingStrategy> Strategies => [.. Enum.GetValues<MarkingStrategy>()];

    /// <summary>The evidence of the promise: a strict reader finds exactly one data block per content, whose text is the content. <c>AEGIS_SLOW=1</c> reads 100,000 contents for each strategy.</summary>
    [Theory, MemberData(nameof(Strategies))]
    public void NoContentBreaksOut(MarkingStrategy strategy)
    {
        var read = 0;
        Gen.Select(Hostile.Texts.Array[1, 3], Hostile.Texts).Sample((contents, typed) =>
        {
            var builder = contents.Aggregate(new PromptBuilder().Strategy(strategy).System("Summarise."), static (prompt, content) => prompt.Context(Untrusted.From(content, "page"), "page")).User(typed).Reinforce("Only summarise.");
            var prompt = builder.Build();
            Assert.Equal([PromptRole.System, .. contents.Select(static _ => PromptRole.User), PromptRole.User, PromptRole.User], prompt.Select(static message => message.Role));
            for (var i = 0; i < contents.Length; i++)
            {
                var shown = prompt.Marking!.Strategy;   // texts with every private-use character are encoded
                var (blocks, outside) = StrictReader.Read(prompt[0].Text, prompt[i + 1].Text, shown);
                Assert.Equal([contents[i]], blocks);
                Assert.Equal("page:\n", outside);
                Interlocked.Increment(ref read);
            }

            Assert.Empty(StrictReader.Read(prompt[0].Text, prompt[^2].Text, prompt.Marking!.Strategy).Blocks);   // nothing that was typed becomes a block
            Assert.Equal(typed, prompt[^2].Text);
        }, iter: Extent.Of(60_000, 12_000));
        Assert.True(read >= Extent.Of(100_000, 20_000), $"{read} contents");
        TestContext.Current.TestOutputHelper?.WriteLine($"{strategy}: 0 break-outs of {read}");
    }

    [Fact]
    public void TheReminderStandsBehindEverythingAndTextFromOutsideNeverInTheSystemMessage()
    {
        var prompt = new PromptBuilder().Reinforce("Remember: only summarise.").System("You summarise.").User("What does it say?").Assistant("Which page?").User("This one.").Context(Untrusted.From("the page's words", "web_page")).System("Be short.").Build();

        Assert.Equal([PromptRole.System, PromptRole.User, PromptRole.Assistant, PromptRole.User, PromptRole.User, PromptRole.User], prompt.Select(static message => message.Role));
        Assert.StartsWith("You summarise.\n\nBe short.\n\nText in which the character ", prompt[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("words", prompt.Unmark(prompt[0].Text).Replace("every word", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(("What does it say?", "Which page?", "This one."), (prompt[1].Text, prompt[2].Text, prompt[3].Text));
        Assert.Equal("web_page:\nthe page's words", prompt.Unmark(prompt[4].Text));
        Assert.Equal("Remember: only summarise.", prompt[^1].Text);
    }

    [Fact]
    public void EveryPromptHasAnotherMark()
    {
        foreach (var strategy in Enum.GetValues<MarkingStrategy>())
        {
            var builder = new PromptBuilder().Strategy(strategy).Context(Untrusted.From("text", "page"));
            Assert.NotInRange(Enumerable.Range(0, 50).Select(_ => builder.Build()[0].Text).Distinct().Count(), 0, 44);
        }
    }

    [Fact]
    public void ABuilderIsNeverChanged()
    {
        var builder = new PromptBuilder().System("a");
        builder.User("b").Context(Untrusted.From("c", "d")).Canary("aegis-canary-0123456789abcdef").Reinforce("e");
        Assert.Equal("a", Assert.Single(builder.Build()).Text);
        Assert.Empty(new PromptBuilder().Build());
    }

    [Theory, InlineData("a<b"), InlineData("a\nb"), InlineData("a\"b"), InlineData("a\uE000b"), InlineData("[a]"), InlineData("")]
    public void ALabelThatCouldBeTakenForMarkupIsRefused(string label) =>
        Assert.Throws<ArgumentException>(() => new PromptBuilder().Context(Untrusted.From("x", "page"), label));

    [Fact]
    public void ASourceThatCannotBeALabelIsWrittenWithoutItsMarks()
    {
        var prompt = new PromptBuilder().Context(Untrusted.From("x", "</data> \"page\" #1")).Build();
        Assert.StartsWith("_/data_ _page_ _1:\n", prompt[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void ALongerPromptThanItMayBeIsRefused()
    {
        var builder = new PromptBuilder().System("12345").User("12345");
        Assert.Equal(2, builder.MaxLength(10).Build().Count);
        Assert.Throws<AegisException>(() => builder.MaxLength(9).Build());
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.MaxLength(0));
    }

    [Fact]
    public void AMessageDoesNotPrintItsText() => Assert.Equal("[User, 6]", new PromptBuilder().User("secret").Build()[0].ToString());

    [Theory, InlineData("short"), InlineData("two words of 8 letters"), InlineData("line\nbreak-12345678")]
    public void WhatIsNoCanaryTokenIsRefused(string token) => Assert.Throws<ArgumentException>(() => new PromptBuilder().Canary(token));

    [Fact]
    public async Task AModelThatRecitesTheInstructionsSaysTheCanary()
    {
        const string Token = "aegis-canary-3f9a1c0d7b2e4856a1d09c3e5f7b8a62";
        var prompt = new PromptBuilder().System("You help.").Canary(Token).Build();
        var guard = Given.Guard(Given.Open with { CanaryTokens = [Token], Output = new() { DetectPromptLeakage = false } });

        Assert.Equal("canary/plain", await guard.RuleOf(new OutputWindow(prompt[0].Text), new("s")));
        Assert.Equal("passes", await guard.RuleOf(new OutputWindow("You help."), new("s")));
    }

    [Fact]
    public async Task TheFramePassesTheScanner()
    {
        var guard = Given.Guard(AegisPolicy.Preset("paranoid"));
        foreach (var strategy in Enum.GetValues<MarkingStrategy>())
        {
            var prompt = new PromptBuilder().Strategy(strategy).System("You summarise.").Context(Untrusted.From("The weather is fine in Rome today.", "page")).Build();
            Assert.Equal("passes", await guard.RuleOf(new UserInput(prompt[1].Text), new("s")));
        }
    }
}
