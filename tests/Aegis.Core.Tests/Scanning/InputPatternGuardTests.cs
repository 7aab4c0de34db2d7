namespace Aegis.Core.Tests.Scanning;

public class InputPatternGuardTests
{
    private static readonly AegisGuard Guard = AegisGuard.Create(new() { Scanner = null, Input = new() { BlockPatterns = ["never", @"\bproject\s+x\b"] } });

    public static TheoryData<TextSubject, bool> Subjects => new()
    {
        { new UserInput("on Ｐroject\n X."), true },
        { new UserInput("on Ｐroject\n X.") { Role = InputRole.Other }, true },
        { new ToolResult("t", "on Ｐroject\n X."), true },
        { new ToolDefinition("t", "on project x."), false },
        { new ModelOutput("on project x."), false },
        { new UserInput("on projects x"), false },
        { new ToolResult("t", ""), false },
    };

    [Theory]
    [MemberData(nameof(Subjects), DisableDiscoveryEnumeration = true)]
    public async Task APatternOfThePolicyBlocksWhatEnters(TextSubject subject, bool isBlocked)
    {
        var outcome = await Guard.InspectAsync(subject, new("s"), TestContext.Current.CancellationToken);

        Assert.Equal(!isBlocked, outcome.MayProceed);
        if (isBlocked)
        {
            var finding = Assert.Single(outcome.Verdict.Findings);
            Assert.Equal(("input/block-pattern", "input.blockPatterns[1]", new TextRange(3, 13)), (finding.Rule, finding.Detail, finding.Range!.Value));
        }
    }
}
