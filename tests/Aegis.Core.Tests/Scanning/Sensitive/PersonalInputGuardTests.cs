using Aegis.Core.Tests.Sessions;
using Aegis.Flow.Placeholders;
using Aegis.Policies;

namespace Aegis.Core.Tests.Scanning.Sensitive;

public class PersonalInputGuardTests
{
    private const string Mira = "mira.kolbe@quellbruck-optik.de";

    private static readonly SessionId Session = new("s");

    private static AegisPolicy Policy(PiiHandling handling = PiiHandling.Redact) => Given.Open with { DataFlow = new() { PiiHandling = handling, PiiScope = [PiiScope.Input] } };

    [Fact]
    public async Task AUsersValuesStandBehindPlaceholders()
    {
        var guard = Given.Guard(Policy());
        var read = await ReadAsync(guard, $"{Mira} or 4111 1111 1111 1111, {Mira}");
        Assert.Equal(["EMAIL", "CREDIT-CARD", "EMAIL"], Placeholder.In(read).Select(range => Placeholder.TypeOf(read[range.Start..range.End])));
        Assert.Equal(read, await ReadAsync(guard, $"{Mira} or 4111 1111 1111 1111, {Mira}"));
        Assert.Equal(read, await ReadAsync(guard, read));   // what the user copies from an answer
    }

    [Fact]
    public async Task AValueThatIsKnownIsFoundWithoutTheWordsThatSaidWhatItIs()
    {
        var guard = Given.Guard(Policy());
        await ReadAsync(guard, "My date of birth: 1987-04-12.");
        Assert.Matches(@"^On \[DATE-OF-BIRTH-[b-z]{12}\]\?$", await ReadAsync(guard, "On 1987-04-12?"));
    }

    [Theory, InlineData(InputRole.Assistant), InlineData(InputRole.Other)]
    public async Task WhatOthersWriteHasNoValueOfTheUserAndMakesNoPlaceholder(InputRole role)
    {
        var guard = Given.Guard(Policy());
        var placeholder = await ReadAsync(guard, Mira);
        Assert.Equal($"{placeholder} eve@hollow-marsh.com", (await guard.InspectAsync(new UserInput($"{Mira} eve@hollow-marsh.com") { Role = role }, Session, Given.Cancel)).Subject.Text);
        var own = (await guard.InspectAsync(new UserInput(placeholder) { Role = role }, Session, Given.Cancel)).Subject.Text;
        Assert.Equal(role == InputRole.Assistant ? placeholder : Placeholder.Escaped(placeholder), own);
    }

    [Fact]
    public async Task ADescriptionWithAPlaceholderIsNotShown()
    {
        var outcome = await Given.Guard(Policy()).InspectAsync(new ToolDefinition("get", "Gets [EMAIL-bcdfghjklmnp]."), Session, Given.Cancel);
        Assert.Equal("Gets (EMAIL-bcdfghjklmnp).", outcome.Subject.Text);
    }

    [Theory, InlineData(PiiHandling.Block, false), InlineData(PiiHandling.Allow, true)]
    public async Task APolicyCanRefuseOrOnlyRecord(PiiHandling handling, bool passes)
    {
        var outcome = await Given.Guard(Policy(handling)).InspectAsync(new UserInput(Mira), Session, Given.Cancel);
        Assert.Equal((passes, "pii/email", Mira), (outcome.MayProceed, outcome.Verdict.Rule, outcome.Subject.Text));
    }

    [Fact]
    public async Task SingleKindsPassOrAreRefusedWhateverHappensToTheOthers()
    {
        var policy = Policy() with { DataFlow = Policy().DataFlow with { PiiAllow = ["email"], PiiBlock = ["iban"] } };
        Assert.Matches(@"^mira\.kolbe@quellbruck-optik\.de or \[CREDIT-CARD-[b-z]{12}\]$", await ReadAsync(Given.Guard(policy), $"{Mira} or 4111 1111 1111 1111"));
        Assert.False((await Given.Guard(policy).InspectAsync(new UserInput("DE89 3704 0044 0532 0130 00"), Session, Given.Cancel)).MayProceed);
        Assert.Equal("DE89 3704 0044 0532 0130 00", await ReadAsync(Given.Guard(Policy() with { DataFlow = Policy().DataFlow with { PiiAllow = ["iban"] } }), "DE89 3704 0044 0532 0130 00"));   // a part of it looks like a telephone number
    }

    [Fact]
    public async Task InMonitorModeNothingIsReplaced() => Assert.Equal(Mira, await ReadAsync(Given.Guard(Policy() with { Mode = PolicyMode.Monitor }), Mira));

    private static async Task<string> ReadAsync(AegisGuard guard, string text) => (await guard.InspectAsync(new UserInput(text), Session, Given.Cancel)).Subject.Text;
}
