using System.Text;
using System.Text.Json;
using Aegis.Policies;

namespace Aegis.Alerting.Tests;

/// <summary>What receivers read.</summary>
public class AlertBodyTests
{
    private static readonly Alert Alert = new()
    {
        Id = "0123456789abcdef0123456789abcdef",
        Rule = "spike",
        Time = new(2026, 6, 30, 12, 0, 0, 123, TimeSpan.Zero),
        Condition = AlertConditionType.RepeatedAttacker,
        Per = AlertScope.Session,
        Session = new("<!channel> & \u202Eevil {policy}", "ann", "acme"),
        Value = 6,
        Threshold = 5,
        Window = TimeSpan.FromMinutes(10),
        Policy = "p",
    };

    [Fact]
    public void TheGenericBodySaysAllOfItWithNumbersAsNumbers()
    {
        var body = Body(Alert, WebhookFormat.Generic);
        Assert.Equal("aegis.alert_fired", body.GetProperty("type").GetString());
        Assert.Equal("2026-06-30T12:00:00.123Z", body.GetProperty("timestamp").GetString());
        var data = body.GetProperty("data");
        Assert.Equal((6m, 5m, 600m), (data.GetProperty("value").GetDecimal(), data.GetProperty("threshold").GetDecimal(), data.GetProperty("windowSeconds").GetDecimal()));
        Assert.Equal("<!channel> & \uFFFDevil {policy}", data.GetProperty("session").GetString());   // as it is, and without what turns text
        Assert.Equal(("ann", "acme", "session", "repeated-attacker"), (data.GetProperty("principal").GetString(), data.GetProperty("tenant").GetString(), data.GetProperty("per").GetString(), data.GetProperty("condition").GetString()));
        Assert.Equal(JsonValueKind.Null, data.GetProperty("event").ValueKind);
    }

    [Fact]
    public void SlackIsToldNoMentionAndNoLink()
    {
        var text = Body(Alert, WebhookFormat.Slack).GetProperty("text").GetString();
        Assert.Equal("Aegis alert fired: spike: blocked attacks more than 5 in 600 s: 6 (session &lt;!channel&gt; &amp; \uFFFDevil {policy} of user ann of tenant acme)", text);
    }

    [Theory]
    [InlineData(AlertState.Fired, "trigger")]
    [InlineData(AlertState.Resolved, "resolve")]
    public void PagerDutyOpensAndClosesOneIncident(AlertState state, string action)
    {
        var body = Body(Alert with { State = state }, WebhookFormat.PagerDuty, "R0UT1NGKEY");
        Assert.Equal(("R0UT1NGKEY", action, Alert.Id), (body.GetProperty("routing_key").GetString(), body.GetProperty("event_action").GetString(), body.GetProperty("dedup_key").GetString()));
        var payload = body.GetProperty("payload");
        Assert.Equal(("warning", "p", "spike"), (payload.GetProperty("severity").GetString(), payload.GetProperty("source").GetString(), payload.GetProperty("component").GetString()));
    }

    [Fact]
    public void AnAccountOfAUserIsNoSession()
    {
        var data = Body(Alert with { Per = AlertScope.Principal, Session = SessionId.OfPrincipal("ann", "acme") }, WebhookFormat.Generic).GetProperty("data");
        Assert.Equal((JsonValueKind.Null, "ann", "acme"), (data.GetProperty("session").ValueKind, data.GetProperty("principal").GetString(), data.GetProperty("tenant").GetString()));
    }

    [Fact]
    public void OnlyPagerDutyIsToldTheSecret() => Assert.All([WebhookFormat.Generic, WebhookFormat.Slack], static format => Assert.DoesNotContain("S3CR3T", Encoding.UTF8.GetString(AlertBody.Of(Alert, new(new("https://a.example/"), format, "S3CR3T"u8.ToArray()))), StringComparison.Ordinal));

    private static JsonElement Body(Alert alert, WebhookFormat format, string secret = "") => JsonDocument.Parse(AlertBody.Of(alert, new(new("https://a.example/"), format, Encoding.UTF8.GetBytes(secret)))).RootElement;
}
