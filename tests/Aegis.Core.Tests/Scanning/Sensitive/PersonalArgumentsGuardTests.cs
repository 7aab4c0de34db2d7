using Aegis.Core.Tests.Sessions;
using Aegis.Policies;

namespace Aegis.Core.Tests.Scanning.Sensitive;

public class PersonalArgumentsGuardTests
{
    private const string Mira = "mira.kolbe@quellbruck-optik.de";

    private static readonly AegisPolicy Redacting = Given.Open with
    {
        DataFlow = new() { PiiScope = [PiiScope.Arguments] },
        Tools = new Dictionary<string, ToolPolicy> { ["get"] = new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["to"] = new() { Restore = ["email"] } } } },
    };

    [Fact]
    public async Task AValueIsReplacedForGoodButWhereItMayStand()
    {
        var outcome = await InspectAsync(Redacting, isEditable: true, ("to", Mira), ("note", $"cc {Mira}, {Mira}"), ("list", new List<object?> { Mira }));
        Assert.Equal("""{"list":["[REDACTED-EMAIL]"],"note":"cc [REDACTED-EMAIL], [REDACTED-EMAIL]","to":"mira.kolbe@quellbruck-optik.de"}""", outcome.Subject.Arguments.Canonical);
        Assert.Equal(("pii/email", Decision.Flag), (outcome.Verdict.Rule, outcome.Decision));
    }

    [Fact]
    public async Task TheNameOfAnArgumentSaysWhatItsValueIs() =>
        Assert.Equal("""{"date_of_birth":"[REDACTED-DATE-OF-BIRTH]"}""", (await InspectAsync(Redacting, isEditable: true, ("date_of_birth", "1987-04-12"))).Subject.Arguments.Canonical);

    [Fact]
    public async Task ANumberIsAValueToo() => Assert.Equal("""{"card":"[REDACTED-CREDIT-CARD]"}""", (await InspectAsync(Redacting, isEditable: true, ("card", 4111111111111111))).Subject.Arguments.Canonical);

    [Fact]
    public async Task WhatCannotBeReplacedDoesNotRun()
    {
        Assert.False((await InspectAsync(Redacting, isEditable: false, ("note", Mira))).MayProceed);
        Assert.False((await InspectAsync(Redacting, isEditable: true, (Mira, "x"))).MayProceed);
        Assert.False((await InspectAsync(Redacting, isEditable: true, ("json", """{"a":"mira.kolbe\u0040quellbruck-optik.de"}"""))).MayProceed);
    }

    [Theory, InlineData(PiiHandling.Block, false), InlineData(PiiHandling.Allow, true)]
    public async Task APolicyCanRefuseACallOrOnlyRecordWhatItHas(PiiHandling handling, bool runs)
    {
        var outcome = await InspectAsync(Redacting with { DataFlow = Redacting.DataFlow with { PiiHandling = handling } }, isEditable: true, ("note", Mira));
        Assert.Equal(runs, outcome.MayProceed);
        Assert.Equal("pii/email", outcome.Verdict.Rule);
        Assert.Contains(Mira, outcome.Subject.Arguments.Canonical, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SingleKindsStandOrAreRefusedWhateverHappensToTheOthers()
    {
        var policy = Redacting with { DataFlow = Redacting.DataFlow with { PiiAllow = ["email"], PiiBlock = ["iban"] } };
        var outcome = await InspectAsync(policy, isEditable: true, ("note", $"{Mira}, 4111 1111 1111 1111"));
        Assert.Equal($$"""{"note":"{{Mira}}, [REDACTED-CREDIT-CARD]"}""", outcome.Subject.Arguments.Canonical);
        Assert.True(outcome.MayProceed);
        Assert.False((await InspectAsync(policy, isEditable: true, ("note", "DE89 3704 0044 0532 0130 00"))).MayProceed);   // a part of it looks like a telephone number
    }

    [Fact]
    public async Task InMonitorModeNothingIsReplaced()
    {
        var outcome = await InspectAsync(Redacting with { Mode = PolicyMode.Monitor }, isEditable: true, ("note", Mira));
        Assert.Equal(("pii/email", true), (outcome.Verdict.Rule, outcome.MayProceed));
        Assert.Contains(Mira, outcome.Subject.Arguments.Canonical, StringComparison.Ordinal);
    }

    private static async Task<Outcome<ToolCall>> InspectAsync(AegisPolicy policy, bool isEditable, params (string, object?)[] arguments)
    {
        var guard = Given.Guard(policy);
        return await guard.InspectAsync(new ToolCall("get", Given.Arguments(arguments)) { Tools = guard.Tools("get"), Editable = isEditable }, new("s"), Given.Cancel);
    }
}
