using Aegis.Policies;
using Aegis.Policies.Analysis;

namespace Aegis.Core.Tests.Policies.Analysis;

public class PolicyAnalyzerTests
{
    private static readonly RateLimit Hourly = new(1, TimeSpan.FromHours(1));

    [Fact]
    public void RulesWithoutAnEffectAreNamed()
    {
        var policy = new AegisPolicy
        {
            Capabilities = new() { Allow = ["search", "delete_file", "?ead", "read", "send_mail"], Deny = ["delete_*", "send_mail"], RequireApproval = ["delete_all", "pay"] },
            Limits = new Dictionary<string, RateLimit> { ["search"] = Hourly, ["write_*"] = Hourly, ["delete_*"] = Hourly, ["*"] = Hourly },
            Tools = new Dictionary<string, ToolPolicy> { ["nothing"] = new() },
        };
        Assert.Equal(
            [
                ("AEG201", "$.capabilities.allow[1]"),
                ("AEG204", "$.capabilities.allow[3]"),
                ("AEG202", "$.capabilities.allow[4]"),
                ("AEG201", "$.capabilities.requireApproval[0]"),
                ("AEG203", "$.limits['write_*']"),
                ("AEG203", "$.limits['delete_*']"),
                ("AEG203", "$.tools['nothing']"),
            ],
            PolicyAnalyzer.Analyze(policy).Select(static note => (note.Code, note.Path)));
    }

    [Fact]
    public void AValueThatHasNoPlaceholderCannotComeBack()
    {
        var policy = AegisPolicy.Preset("balanced") with { Tools = new Dictionary<string, ToolPolicy> { ["send"] = new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["to"] = new() { Restore = ["email"] } } } } };
        Assert.Equal(("AEG203", "$.tools['send'].arguments['to'].restore"), Assert.Single(PolicyAnalyzer.Analyze(policy).Select(static note => (note.Code, note.Path))));
        Assert.Empty(PolicyAnalyzer.Analyze(policy with { DataFlow = new() { PiiScope = [PiiScope.Input] } }));
    }

    [Theory]
    [InlineData("""{ "output": { "sanitizeMarkdown": false, "allowedHosts": ["cdn.contoso.com"] } }""", "$.output.allowedHosts")]
    [InlineData("""{ "output": { "detectInjectionPayloads": false, "payloads": ["sql"] } }""", "$.output.payloads")]
    [InlineData("""{ "output": { "detectCanary": false }, "canaryTokens": ["${env:TOKEN}"] }""", "$.canaryTokens")]
    [InlineData("""{ "output": { "detectSecrets": false, "blockOnLeak": true } }""", "$.output.blockOnLeak")]
    [InlineData("""{ "output": { "detectPII": false }, "dataFlow": { "piiHandling": "block" } }""", "$.dataFlow.piiHandling")]
    [InlineData("""{ "dataFlow": { "piiScope": [], "piiAllow": ["phone"] } }""", "$.dataFlow.piiAllow")]
    [InlineData("""{ "output": { "detectPII": false }, "dataFlow": { "piiScope": ["input"], "piiHandling": "block" } }""", "")]
    [InlineData("""{ "autoRetry": { "maxAttempts": 2 } }""", "$.autoRetry")]
    [InlineData("""{ "output": { "delivery": "buffered" }, "autoRetry": { "maxAttempts": 2 } }""", "")]
    [InlineData("""{ "output": { "blockPatterns": ["a"], "redactPatterns": ["b", "a"] } }""", "$.output.redactPatterns[1]")]
    public void ASettingAboutAnswersThatAnotherOneSwitchesOffIsNamed(string document, string path) =>
        Assert.Equal(path.Length == 0 ? [] : [("AEG206", path)], PolicyAnalyzer.Analyze(AegisPolicy.Parse(document, PolicyFormat.Json)).Select(static note => (note.Code, note.Path)));

    [Theory]
    [InlineData("""{ "recovery": { "after": 2, "scope": "principal" } }""", "$.recovery.after", "$.recovery.scope")]
    [InlineData("""{ "recovery": { "mode": "reset-last", "window": "1m", "duration": null } }""", "$.recovery.window", "$.recovery.duration")]
    [InlineData("""{ "session": { "required": true }, "recovery": { "mode": "terminate-session", "duration": "1h" } }""", "$.recovery.duration")]
    [InlineData("""{ "session": { "required": true }, "recovery": { "mode": "quarantine-session", "after": 1, "window": "1m", "duration": "1h", "scope": "principal" } }""")]
    [InlineData("""{ "recovery": { "mode": "quarantine-session" } }""", "$.recovery.mode")]
    [InlineData("""{ "recovery": { "mode": "auto-retry" } }""", "$.recovery.mode")]
    [InlineData("""{ "output": { "delivery": "buffered" }, "recovery": { "mode": "auto-retry" } }""")]
    public void ASettingOfRecoveryThatDoesNothingOrNotForEverybodyIsNamed(string document, params string[] paths) =>
        Assert.Equal(paths.Select(static path => ("AEG206", path)), PolicyAnalyzer.Analyze(AegisPolicy.Parse(document, PolicyFormat.Json)).Select(static note => (note.Code, note.Path)));

    [Theory]
    [InlineData("""{ "audit": { "contentKey": "${env:PATH}", "timeout": "5s", "spillTo": "b.jsonl" } }""", "$.audit.contentKey", "$.audit.timeout", "$.audit.spillTo")]
    [InlineData("""{ "audit": { "content": "hashed", "contentKey": "${env:PATH}", "required": true, "timeout": "1m", "backPressure": "spill", "spillTo": "b.jsonl" } }""")]
    [InlineData("""{ "audit": { "transports": ["console"], "path": "logs/aegis.jsonl", "key": "${env:PATH}", "rotation": { "keep": 7 }, "fsync": "always" } }""", "$.audit.path", "$.audit.key", "$.audit.rotation", "$.audit.fsync")]
    [InlineData("""{ "audit": { "transports": ["logger"], "keys": [{ "id": "k1", "secret": "${env:PATH}" }], "checkpointRecords": 1000, "checkpointInterval": "1m" } }""", "$.audit.keys", "$.audit.checkpointRecords", "$.audit.checkpointInterval")]
    [InlineData("""{ "audit": { "transports": ["console", "json-file"], "path": "a.jsonl", "key": "${env:PATH}", "rotation": { "keep": 7 }, "fsync": "always", "checkpointRecords": 10, "checkpointInterval": "1m", "checkpointTo": "b.jsonl" } }""")]
    [InlineData("""{ "audit": { "transports": ["console"], "level": "actions", "redactContent": false } }""")]
    public void ASettingOfTheAuditLogThatDoesNothingIsNamed(string document, params string[] paths) =>
        Assert.Equal(paths.Select(static path => ("AEG206", path)), PolicyAnalyzer.Analyze(AegisPolicy.Parse(document, PolicyFormat.Json)).Select(static note => (note.Code, note.Path)));

    [Theory]
    [InlineData("""{ "budgets": { "tenant": { "maxToolCalls": 5 } } }""", "AEG206 $.budgets")]
    [InlineData("""{ "budgets": { "principal": { "maxToolCalls": 5 } }, "session": { "required": true } }""", "")]
    [InlineData("""{ "budgets": { "session": { "maxToolCalls": 5 } } }""", "")]
    [InlineData("""{ "budgets": { "subAgent": { "maxToolCalls": 5 } }, "agentLoop": { "maxDepth": 0 } }""", "AEG203 $.budgets.subAgent")]
    public void ABudgetThatReachesNobodyIsNamed(string document, string note) =>
        Assert.Equal(note, string.Join(' ', PolicyAnalyzer.Analyze(AegisPolicy.Parse(document, PolicyFormat.Json)).Select(static note => $"{note.Code} {note.Path}")));

    [Fact]
    public void WhatRestrictsALocalNameIsNotOutOfReach() => Assert.Empty(PolicyAnalyzer.Analyze(new()
    {
        Capabilities = new() { Allow = ["Files-read", "Mail-*"] },
        Limits = new Dictionary<string, RateLimit> { ["read"] = Hourly, ["send"] = Hourly },
    }));

    [Fact]
    public void WhatWidensTheExtendedPolicyIsNamed() => Assert.Equal(
        [("AEG205", "$.agentLoop.maxSteps")],
        PolicyAnalyzer.Analyze(AegisPolicy.Preset("balanced") with { AgentLoop = new() { MaxSteps = 50 } }, AegisPolicy.Preset("balanced")).Select(static note => (note.Code, note.Path)));

    [Fact]
    public void PresetsHaveNothingToSay() => Assert.All(Presets.Names.Except(["code-assistant"]), static name => Assert.Empty(PolicyAnalyzer.Analyze(AegisPolicy.Preset(name))));
}
