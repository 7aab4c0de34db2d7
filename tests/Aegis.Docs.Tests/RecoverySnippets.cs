using Aegis.Policies;

namespace Aegis.Docs.Tests;

/// <summary>The code and the policy of docs/recovery.md.</summary>
public class RecoverySnippets
{
    [Fact]
    public async Task ByHand()
    {
        using var guard = AegisGuard.Create(AegisPolicy.Preset("balanced"));
        var (operatorId, ct) = ("ops-7", TestContext.Current.CancellationToken);
        // <recovery>
        var operators = guard.Sessions.By(operatorId, "ticket 4711");   // stands in the events and in the log: ids of yours, nothing that a user wrote
        await operators.QuarantineAsync(new SessionId("conversation-7", principal: "user-42"), TimeSpan.FromHours(8), ct);

        var user = SessionId.OfPrincipal("user-42");                    // all sessions of this user
        await operators.BanAsync(user, duration: null, ct);
        SessionLock? held = (await guard.Sessions.GetAsync(user, ct)).Lock;
        await operators.ReleaseAsync(user, ct);
        // </recovery>
        Assert.Equal(SessionLockKind.Banned, held!.Kind);
        Assert.Equal("session/quarantined", (await guard.InspectAsync(new UserInput("hi"), new("conversation-7", "user-42"), ct)).Verdict.Rule);
    }

    [Fact]
    public void ThePolicyOnThePageLoads()
    {
        var page = Repository.Read("docs/recovery.md");
        var from = page.IndexOf("```json\n", StringComparison.Ordinal) + 8;
        var recovery = AegisPolicy.Parse(page[from..page.IndexOf("```", from, StringComparison.Ordinal)], PolicyFormat.Json).Recovery;
        Assert.Equal(new RecoveryPolicy { Mode = RecoveryMode.QuarantineSession, Scope = RecoveryScope.Principal }, recovery);   // the rest are the defaults
    }
}
