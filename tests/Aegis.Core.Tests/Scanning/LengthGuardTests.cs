using Aegis.Policies;

namespace Aegis.Core.Tests.Scanning;

public class LengthGuardTests
{
    private static readonly AegisGuard Guard = AegisGuard.Create(new()
    {
        Scanner = null,
        Input = new() { MaxLength = 10 },
        Output = new() { MaxLength = 20 },
        Tools = new Dictionary<string, ToolPolicy> { ["web_*"] = new() { MaxResult = 30 } },
    });

    public static TheoryData<TextSubject, string, string> Longest => new()
    {
        { new UserInput(Text(10)), "input/length", "input.maxLength: at most 10 characters" },
        { new UserInput(Text(262_144)) { Role = InputRole.Assistant }, "input/length", "input.maxLength: at most 262144 characters" },
        { new UserInput(Text(262_144)) { Role = InputRole.Other }, "input/length", "input.maxLength: at most 262144 characters" },
        { new ToolDefinition("t", Text(262_144)), "tool/description-length", "a description's limit: at most 262144 characters" },
        { new ToolResult("t", Text(262_144)), "result/length", "tools.maxResult: at most 262144 characters" },
        { new ToolResult("no\nname", Text(262_144)), "result/length", "tools.maxResult: at most 262144 characters" },
        { new ToolResult("WEB_search", Text(30)), "result/length", "tools.maxResult: at most 30 characters" },
        { new OutputWindow(Text(20)), "output/length", "output.maxLength: at most 20 characters" },
        { new OutputWindow(Text(5)) { Offset = 15 }, "output/length", "output.maxLength: at most 20 characters" },
    };

    [Theory]
    [MemberData(nameof(Longest), DisableDiscoveryEnumeration = true)]
    public async Task ATextOfTheGreatestLengthPassesAndOneCharacterMoreDoesNot(TextSubject subject, string rule, string detail)
    {
        Assert.True((await Inspect(subject)).MayProceed);

        var outcome = await Inspect(subject with { Text = subject.Text + "x" });
        var finding = Assert.Single(outcome.Verdict.Findings);
        Assert.Equal((false, rule, detail, Decision.Block), (outcome.MayProceed, finding.Rule, finding.Detail, finding.Decision));
    }

    [Fact]
    public async Task OfAWindowOnlyWhatIsJudgedCounts()
    {
        Assert.True((await Inspect(new OutputWindow(Text(25)) { Before = 20 })).MayProceed);
        Assert.False((await Inspect(new OutputWindow(Text(25)) { Before = 21 })).MayProceed);
    }

    private static string Text(int length) => new('x', length);

    private static ValueTask<Outcome<TextSubject>> Inspect(TextSubject subject) => Guard.InspectAsync(subject, new("s"), TestContext.Current.CancellationToken);
}
