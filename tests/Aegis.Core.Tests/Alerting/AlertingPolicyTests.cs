using Aegis.Alerting;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Aegis.Core.Tests.Alerting;

/// <summary>Which rules a policy may have.</summary>
public class AlertingPolicyTests
{
    private const string Condition = "\"condition\": { \"type\": \"rate-spike\", \"event\": \"scan_block\", \"threshold\": 20, \"window\": \"60s\" }";

    static AlertingPolicyTests()
    {
        Environment.SetEnvironmentVariable("AEGIS_TEST_ALERT_URL", "https://hooks.slack.com/services/T/B/S3CR3T-TAINT");
        Environment.SetEnvironmentVariable("AEGIS_TEST_ALERT_LOCAL", "https://169.254.169.254/S3CR3T-TAINT");
        Environment.SetEnvironmentVariable("AEGIS_TEST_ALERT_KEY", new string('k', 32));
        Environment.SetEnvironmentVariable("AEGIS_TEST_ALERT_SHORT", "S3CR3T-TAINT");
        Environment.SetEnvironmentVariable("AEGIS_TEST_ALERT_WHSEC", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    [Fact]
    public void ADocumentSaysAllOfIt()
    {
        var policy = Parse($$"""{ "id": "a", {{Condition}}, "per": "tenant", "action": "webhook", "webhookUrl": "${env:X}", "format": "generic", "secret": "${config:Y}", "cooldown": "5m" }, { "id": "b", "condition": { "type": "scan-block-rate", "threshold": 0.2, "window": "1h", "minimum": 50 } }""");
        Assert.Equal(
        [
            new("a", new(AlertConditionType.RateSpike, 20, TimeSpan.FromMinutes(1)) { Event = "scan_block" }) { Per = AlertScope.Tenant, Action = AlertAction.Webhook, WebhookUrl = "${env:X}", Format = WebhookFormat.Generic, Secret = "${config:Y}", Cooldown = TimeSpan.FromMinutes(5) },
            new AlertRulePolicy("b", new(AlertConditionType.ScanBlockRate, 0.2m, TimeSpan.FromHours(1)) { Minimum = 50 }),
        ],
            policy.Alerting!.Rules);
        Assert.Contains("alert a: more than 20 scan_block in 1m of a tenant: an alert is sent, not again for 5m", PolicyExplanation.Of(policy).Budgets);
        Assert.Contains("alert b: a share of blocked texts of more than 0.2 in 1h, of 50 at least: a warning is logged, not again for 1m", PolicyExplanation.Of(policy).Budgets);
    }

    [Theory]
    [InlineData("{ \"id\": \"a\" }", "$.alerting.rules[0]", "AEG118")]
    [InlineData("{ \"condition\": { \"type\": \"session-kills\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0]", "AEG118")]
    [InlineData("{ \"id\": \"a b\", " + Condition + " }", "$.alerting.rules[0].id", "AEG124")]
    [InlineData("{ \"id\": \"a\", " + Condition + " }, { \"id\": \"a\", " + Condition + " }", "$.alerting.rules[1].id", "AEG105")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"rate-spike\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition", "AEG118")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"rate-spike\", \"event\": \"scan_blok\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.event", "AEG113")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"rate-spike\", \"event\": \"alert_fired\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.event", "AEG113")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"session-kills\", \"event\": \"scan_block\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.event", "AEG121")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"session-kills\", \"threshold\": 1, \"window\": \"1m\", \"minimum\": 3 } }", "$.alerting.rules[0].condition.minimum", "AEG121")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"session-kills\", \"threshold\": 1.5, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.threshold", "AEG114")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"session-kills\", \"threshold\": 100001, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.threshold", "AEG114")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"session-kills\", \"threshold\": -1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.threshold", "AEG114")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"session-kills\", \"threshold\": 1, \"window\": 60000 } }", "$.alerting.rules[0].condition.window", "AEG115")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"session-kills\", \"threshold\": 1, \"window\": \"1ms\" } }", "$.alerting.rules[0].condition.window", "AEG114")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"scan-block-rate\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.threshold", "AEG114")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"cost-anomaly\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.type", "AEG121")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"many-things\", \"threshold\": 1, \"window\": \"1m\" } }", "$.alerting.rules[0].condition.type", "AEG113")]
    [InlineData("{ \"id\": \"a\", \"condition\": { \"type\": \"repeated-attacker\", \"threshold\": 1, \"window\": \"1m\" }, \"per\": \"all\" }", "$.alerting.rules[0].per", "AEG121")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"webhookUrl\": \"${env:X}\" }", "$.alerting.rules[0].webhookUrl", "AEG121")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"format\": \"slack\" }", "$.alerting.rules[0].format", "AEG121")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"secret\": \"${env:X}\" }", "$.alerting.rules[0].secret", "AEG121")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"webhook\" }", "$.alerting.rules[0]", "AEG118")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"webhook\", \"format\": \"pagerduty\" }", "$.alerting.rules[0]", "AEG118")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"webhook\", \"webhookUrl\": \"https://hooks.slack.com/services/T/B/x\" }", "$.alerting.rules[0].webhookUrl", "AEG125")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"webhook\", \"webhookUrl\": \"https://alerts.example.com/x\", \"format\": \"generic\" }", "$.alerting.rules[0].webhookUrl", "AEG125")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"webhook\", \"webhookUrl\": \"${env:X}\", \"format\": \"generic\" }", "$.alerting.rules[0]", "AEG118")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"webhook\", \"webhookUrl\": \"${ENV:X}\" }", "$.alerting.rules[0].webhookUrl", "AEG125")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"webhook\", \"webhookUrl\": \"${env:X}\", \"secret\": \"literally-a-secret-of-thirty-two-b\" }", "$.alerting.rules[0].secret", "AEG125")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"cooldown\": \"0s\" }", "$.alerting.rules[0].cooldown", "AEG114")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"cooldownMs\": 5 }", "$.alerting.rules[0].cooldownMs", "AEG110")]
    [InlineData("{ \"id\": \"a\", " + Condition + ", \"action\": \"email\" }", "$.alerting.rules[0].action", "AEG113")]
    [InlineData("", "$.alerting.rules", "AEG118")]
    public void ADocumentWithMistakesIsRefused(string rules, string path, string code)
    {
        var refused = Assert.Throws<PolicyException>(() => Parse(rules));
        Assert.Contains(refused.Errors, error => error.Path == path && error.Code == code);
        Assert.All(refused.Errors, static error => Assert.DoesNotContain("literally", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void AnAddressMayStandInAFileWhereItProvesNothing() => Assert.Equal(2, Parse($$"""
        { "id": "a", {{Condition}}, "action": "webhook", "webhookUrl": "https://alerts.example.com/x", "format": "generic", "secret": "${env:X}" },
        { "id": "b", {{Condition}}, "action": "webhook", "format": "pagerduty", "secret": "${env:X}" }
        """).Alerting!.Rules.Count);

    [Fact]
    public void AWebhookWithoutASenderIsRefusedAndToldTheWayOut()
    {
        var error = Assert.Single(Errors(Webhook("${env:AEGIS_TEST_ALERT_URL}"), sends: false));
        Assert.Equal(("$.alerting.rules[0].action", "AEG118"), (error.Path, error.Code));
        Assert.Contains("UseAlertWebhooks()", error.Message, StringComparison.Ordinal);
        Assert.Empty(Errors(Webhook("${env:AEGIS_TEST_ALERT_URL}")));
    }

    [Fact]
    public void ACallbackThatCallsNobodyIsRefused()
    {
        var rule = Alerts.Spike(1) with { Action = AlertAction.Callback };
        Assert.Equal("$.alerting.rules[0].action", Assert.Single(Errors(rule)).Path);
        Assert.Single(Errors(rule, builder => builder.OnAlert("other", static (_, _) => default)));
        Assert.Empty(Errors(rule, builder => builder.OnAlert("r", static (_, _) => default)));
        Assert.Empty(Errors(rule, builder => builder.OnAlert(static (_, _) => default)));
    }

    [Theory]
    [InlineData("${env:AEGIS_TEST_ALERT_LOCAL}", null, "webhookUrl")]
    [InlineData("http://hooks.slack.com/TAINT", null, "webhookUrl")]
    [InlineData("https://u:TAINT@alerts.example.com/", null, "webhookUrl")]
    [InlineData("${env:AEGIS_TEST_NO_SUCH_ALERT}", null, "webhookUrl")]
    [InlineData("https://alerts.example.com/", "${env:AEGIS_TEST_NO_SUCH_ALERT}", "secret")]
    [InlineData("https://alerts.example.com/", "${env:AEGIS_TEST_ALERT_SHORT}", "secret")]
    [InlineData("https://alerts.example.com/", "whsec_TAINT", "secret")]
    public void AnAddressOrASecretThatIsNoneIsRefusedWithoutAWordOfIt(string url, string? secret, string member)
    {
        var error = Assert.Single(Errors(Webhook(url) with { Secret = secret }));
        Assert.Equal(($"$.alerting.rules[0].{member}", "AEG125"), (error.Path, error.Code));
        Assert.DoesNotContain("TAINT", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("${env:AEGIS_TEST_ALERT_KEY}")]
    [InlineData("${env:AEGIS_TEST_ALERT_WHSEC}")]
    public void ASecretIsLongEnoughOrOfStandardWebhooks(string secret) => Assert.Empty(Errors(Webhook("https://alerts.example.com/") with { Secret = secret }));

    [Fact]
    public void PagerDutyWantsItsKeyHoweverItWasFound() =>
        Assert.Equal("$.alerting.rules[0]", Assert.Single(Errors(Webhook("https://events.pagerduty.com/v2/enqueue"))).Path);

    /// <summary>Promise P38: what nobody has signed, anybody can have sent. Slack's address is a secret itself.</summary>
    [Fact]
    public void WhatIsSentInTheGenericFormIsSigned()
    {
        var error = Assert.Single(Errors(Webhook("https://alerts.example.com/")));
        Assert.Equal(("$.alerting.rules[0]", "AEG118"), (error.Path, error.Code));
        Assert.Equal(error, Assert.Single(Errors(Webhook("https://hooks.slack.com/services/x") with { Format = WebhookFormat.Generic })));
        Assert.Empty(Errors(Webhook("https://hooks.slack.com/services/x")));
        Assert.Empty(Errors(Webhook("https://alerts.example.com/") with { Format = WebhookFormat.Slack }));
    }

    [Fact]
    public void ARuleShowsNeitherItsAddressNorItsSecret() => Assert.Equal("r", (Webhook("https://hooks.slack.com/S3CR3T-TAINT") with { Secret = "S3CR3T-TAINT" }).ToString());

    [Fact]
    public void WhatIsSwitchedOffTellsNobodyAndNeedsNobody() => AegisGuard.Create(With(Webhook("${env:AEGIS_TEST_NO_SUCH_ALERT}")) with { Mode = PolicyMode.Off }).Dispose();

    /// <summary>Who is told has nothing to do with what passes.</summary>
    [Fact]
    public void AlertsMakeAPolicyNeitherNarrowerNorWider()
    {
        var told = With(Alerts.Spike(1));
        Assert.True(told.IsNarrowerThan(Given.Open));
        Assert.True(Given.Open.IsNarrowerThan(told));
    }

    [Fact]
    public void ConfigurationSaysRulesToo()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Aegis:policies:default:extends"] = "balanced",
            ["Aegis:policies:default:alerting:rules:0:id"] = "spike",
            ["Aegis:policies:default:alerting:rules:0:condition:type"] = "rate-spike",
            ["Aegis:policies:default:alerting:rules:0:condition:event"] = "scan_block",
            ["Aegis:policies:default:alerting:rules:0:condition:threshold"] = "20",
            ["Aegis:policies:default:alerting:rules:0:condition:window"] = "60s",
            ["Aegis:policies:default:alerting:rules:0:action"] = "webhook",
            ["Aegis:policies:default:alerting:rules:0:webhookUrl"] = "${config:Alerts:Url}",
            ["Alerts:Url"] = "https://hooks.slack.com/services/x",
        }).Build();
        var webhook = new Mock<IAlertWebhook>();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(webhook.Object).AddAegisFor(configuration).BuildServiceProvider();
        Assert.Equal("spike", services.GetRequiredService<AegisGuard>().Policy.Alerting!.Rules[0].Id);
    }

    private static AlertRulePolicy Webhook(string url) => Alerts.Spike(1) with { Action = AlertAction.Webhook, WebhookUrl = url };

    private static AegisPolicy With(AlertRulePolicy rule) => Given.Open with { Alerting = new() { Rules = [rule] } };

    private static AegisPolicy Parse(string rules) => AegisPolicy.Parse($$"""{ "version": 1, "alerting": { "rules": [ {{rules}} ] } }""", PolicyFormat.Json);

    private static IReadOnlyList<PolicyError> Errors(AlertRulePolicy rule, Action<AegisBuilder>? more = null, bool sends = true)
    {
        try
        {
            AegisGuard.Create(With(rule), builder =>
            {
                more?.Invoke(builder);
                if (sends)
                {
                    builder.UseAlertWebhook(new Mock<IAlertWebhook>().Object);
                }
            }).Dispose();
            return [];
        }
        catch (PolicyException e)
        {
            return e.Errors;
        }
    }
}

file static class Services
{
    public static IServiceCollection AddAegisFor(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAegis(configuration.GetSection("Aegis"));
        return services;
    }
}
