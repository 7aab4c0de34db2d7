using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Policies.Analysis;

namespace Aegis.Core.Tests.Policies.Analysis;

public class RecoveryPolicyTests
{
    [Theory]
    [InlineData("""{ "mode": "quarantine-session" }""", "3 different attacks in 1h lock the session for 1h")]
    [InlineData("""{ "mode": "quarantine-session", "after": 5, "window": "1d", "duration": null, "scope": "principal" }""", "5 different attacks in 1d lock the user out of all sessions until it is released")]
    [InlineData("""{ "mode": "terminate-session", "duration": "1h" }""", "3 different attacks in 1h lock the session until it is released")]
    [InlineData("""{ "mode": "reset-last" }""", "a message that is an attack is left out, and the request goes on with the other new ones")]
    [InlineData("""{ "mode": "auto-retry" }""", "the request ends; answers that are blocked are asked for again")]
    [InlineData("""{ "mode": "continue" }""", null)]
    public void ItIsExplainedWhereItActs(string recovery, string? words)
    {
        var guards = PolicyExplanation.Of(Parse(recovery)).Checkpoints.ToDictionary(static checkpoint => checkpoint.Checkpoint, static checkpoint => checkpoint.Guards, StringComparer.Ordinal);
        Assert.Equal(words, guards["user input"].SingleOrDefault(static guard => guard.Guard == "recovery").Does);
        Assert.DoesNotContain(guards.Where(static entry => entry.Key != "user input").SelectMany(static entry => entry.Value), static guard => guard.Guard == "recovery");
    }

    [Theory]
    [InlineData("""{ "mode": "quarantine" }""", "AEG113", "$.recovery.mode")]
    [InlineData("""{ "after": 0 }""", "AEG114", "$.recovery.after")]
    [InlineData("""{ "after": 17 }""", "AEG114", "$.recovery.after")]
    [InlineData("""{ "window": "0s" }""", "AEG114", "$.recovery.window")]
    [InlineData("""{ "window": null }""", "AEG112", "$.recovery.window")]
    [InlineData("""{ "duration": "forever" }""", "AEG115", "$.recovery.duration")]
    [InlineData("""{ "scope": "tenant" }""", "AEG113", "$.recovery.scope")]
    public void AMistakeIsNamed(string recovery, string code, string path)
    {
        var error = Assert.Single(Assert.Throws<PolicyException>(() => Parse(recovery)).Errors);
        Assert.Equal((code, path), (error.Code, error.Path));
    }

    [Fact]
    public void AModeThatAsksAgainNeedsNoOtherMemberAndGoesByItWhereItIsThere()
    {
        Assert.Equal(new AutoRetryPolicy(), Parse("""{ "mode": "auto-retry" }""").Retry);
        Assert.Equal(1, (Parse("""{ "mode": "auto-retry" }""") with { AutoRetry = new() { MaxAttempts = 1 } }).Retry!.MaxAttempts);
        Assert.Null(Given.Open.Retry);
        Assert.Null(AegisGuard.Create(Parse("""{ "mode": "auto-retry" }""")).Pipeline.Policy.Stricter!.Stricter);   // asked again, and not for ever
    }

    private static AegisPolicy Parse(string recovery) => AegisPolicy.Parse($$"""{ "version": 1, "recovery": {{recovery}} }""", PolicyFormat.Json);
}
