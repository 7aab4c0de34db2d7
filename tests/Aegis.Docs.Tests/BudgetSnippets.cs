using Aegis.Tools;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/budgets.md.</summary>
public class BudgetSnippets
{
    [Fact]
    public async Task TokensAreSetAsideAndSettled()
    {
        var page = Repository.Read("docs/budgets.md");
        var from = page.IndexOf("```json\n", StringComparison.Ordinal) + "```json\n".Length;
        await File.WriteAllTextAsync("budgets.policy.json", page[from..page.IndexOf("```", from, StringComparison.Ordinal)], TestContext.Current.CancellationToken);
        // <budget-scope>
        var guard = AegisGuard.Create(AegisPolicy.Load("budgets.policy.json"));
        using var scope = AegisScope.Begin("conversation-7", principal: "user-42", tenant: "acme");
        // </budget-scope>
        var (tools, session) = (Toolset.Empty, scope.Session);
        // <budget-step>
        var step = await guard.InspectAsync(new ModelStep(tools) { Estimate = new(Input: 900, Output: 500, "gpt-5-mini") }, session);
        if (step.MayProceed)
        {
            var said = await AskAsync();
            await guard.InspectAsync(new ModelOutput(said) { Step = step.Subject, Usage = new(Input: 870, Output: 120, "gpt-5-mini") }, session);
        }
        // </budget-step>
        Assert.True(step.MayProceed);
        Assert.Equal("budget/tokens", (await guard.InspectAsync(new ModelStep(tools) { Estimate = new(0, 120_001, "gpt-5-mini") }, session, TestContext.Current.CancellationToken)).Verdict.Rule);
        static Task<string> AskAsync() => Task.FromResult("It is 17.");
    }
}
