using System.Text.Json.Nodes;
using Aegis.Policies.Documents;
using Aegis.Prompting;
using Aegis.Scanning.Rules;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Policies.Analysis;

/// <summary>A policy in words: which guard runs where, what holds and where it was said, what follows for tools. Made for people and for <c>aegis policy explain</c>.</summary>
internal sealed class PolicyExplanation
{
    private readonly CompiledPolicy _compiled;

    private static string Stand(string name) => $"stands-for-the-secret-of-this-name-{name.Length}";   // it is not known where policies are explained

    private PolicyExplanation(AegisPolicy policy) => (Policy, _compiled) = (policy, PolicyCompiler.Compile(policy, RulePack.BuiltIn, [], secrets: new(Stand, Stand)));

    public AegisPolicy Policy { get; }

    /// <exception cref="PolicyException">The policy has mistakes.</exception>
    public static PolicyExplanation Of(AegisPolicy policy) => new(policy);

    /// <summary>The guards of every checkpoint, in their order, with what each does under this policy.</summary>
    public IReadOnlyList<(string Checkpoint, IReadOnlyList<(string Guard, string Does)> Guards)> Checkpoints =>
    [
        At("user input", new UserInput("")),
        At("tool descriptions", new ToolDefinition("", "")),
        At("tool calls", new ToolCall("", ToolArguments.Empty)),
        At("tool results", new ToolResult("", ""), [.. Policy.Sandbox is { } sandbox ? [("sandbox", FormattableString.Invariant($"from risk {sandbox.Threshold:0.00} on, a result is replaced by the data that tools.*.extract wants of it, or withheld"))] : Array.Empty<(string, string)>(), .. Policy.Input.RequireQuarantine ? [("marking", Marks)] : Array.Empty<(string, string)>()]),
        At("answers, while they stream", new OutputWindow("")),
    ];

    /// <summary>Every value that holds, and where it was said.</summary>
    public IReadOnlyList<(string Path, JsonNode? Value, string From)> Values =>
        [.. PolicyShape.Root.Leaves(Policy, "$").Select(leaf => (leaf.Path, leaf.Value, Policy.Places.TryGetValue(leaf.Path, out var place) ? place.ToString() : "default"))];

    private string Marks => $"what passes enters the model only marked: {Policy.Input.Marking switch { MarkingStrategy.Datamarking => "a random character stands before every word", MarkingStrategy.Delimiters => "a random tag stands around it", MarkingStrategy.Encoding => "it is written in Base64", _ => "it is written as a JSON string" }}";

    private string KindsApart => (Policy.DataFlow.PiiAllow.Count == 0 ? "" : $", but {string.Join(", ", Policy.DataFlow.PiiAllow)} recorded") + (Policy.DataFlow.PiiBlock.Count == 0 ? "" : $", and {string.Join(", ", Policy.DataFlow.PiiBlock)} blocked");

    /// <summary>The tools that the policy names without a wildcard.</summary>
    public IReadOnlyList<string> NamedTools =>
        [.. new[] { Policy.Capabilities.Allow, Policy.Capabilities.RequireApproval, Policy.Capabilities.Deny, [.. Policy.Tools.Keys], [.. Policy.Limits.Keys] }.SelectMany(static globs => globs).Where(static glob => !glob.AsSpan().ContainsAny('*', '?')).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What holds for a tool of this name.</summary>
    public IReadOnlyList<(string What, string Holds)> Tool(string name)
    {
        var rules = _compiled.Tools.For(name);
        var (risk, reason) = _compiled.Tools.RiskOf(new(name));
        return
        [
            ("may be called", rules.Finding is { } finding ? $"{(finding.Decision == Decision.Ask ? "when a person says yes" : "no")} ({finding.Rule}, {finding.Detail})" : "yes"),
            .. LocalNames(name).Where(local => _compiled.Tools.For(new ToolInfo(name) { LocalName = local }).Capability > rules.Capability).Select(local => ($"if it is '{local}' of a plugin", _compiled.Tools.For(new ToolInfo(name) { LocalName = local }).Finding is { } part ? $"{part.Decision} ({part.Rule}, {part.Detail})" : "")),
            ("risk", $"{risk} ({reason})"),
            .. Flows(rules),
            .. rules.Spends.Select(static spend => ("limit", spend.Budget.Refusal().Detail ?? spend.Budget.Rule)),
            .. rules.Arguments.SelectMany(ArgumentWords.Of),
            .. from local in LocalNames(name)
               from entry in _compiled.Tools.For(new ToolInfo(name) { LocalName = local }).Arguments.Except(rules.Arguments)
               from words in ArgumentWords.Of(entry)
               select ($"{words.What}, if it is '{local}' of a plugin", words.Holds),
            ("result", FormattableString.Invariant($"at most {rules.MaxResult:N0} characters")),
            .. Policy.Sandbox is not null && rules is { Extracts: not null, Declared: { Extract.Count: > 0 } declared } ? [("result is replaced", $"{(declared.ExtractWhen == ExtractWhen.Always ? "always" : "when it is risky")}, by {string.Join(", ", declared.Extract.Keys.Order(StringComparer.Ordinal))}")] : Array.Empty<(string, string)>(),
            .. from local in LocalNames(name)
               let part = _compiled.Tools.For(new ToolInfo(name) { LocalName = local })
               where Policy.Sandbox is not null && part.Extracts is not null && !ReferenceEquals(part.Extracts, rules.Extracts)
               select ($"result is replaced, if it is '{local}' of a plugin", part.AlwaysExtracts ? "always" : "when it is risky"),
        ];
    }

    /// <summary>What it does and returns, as far as its name shows it.</summary>
    private static IEnumerable<(string What, string Holds)> Flows(CompiledTool rules)
    {
        var effect = rules.Effect;
        yield return ("does", $"{(rules.Declared?.Sink is { } sink ? sink ? "sends or changes something, says the policy" : "neither sends nor changes anything, says the policy" : $"{effect.Reach switch { ToolReach.Read => "reads", ToolReach.Fetch => "reads from outside, so that its arguments leave", ToolReach.Write => "changes something", _ => "sends something" }} ({effect.Reason})")}");
        yield return ("returns", $"{(rules.Origin.IsTrusted ? "what only the app writes" : rules.Origin.IsExternal ? "what anybody writes" : "what others may have written")}{(rules.Origin.IsPrivate ?? effect.IsPrivate ? ", private" : "")}{(effect.IsDirectory && !rules.Origin.IsExternal ? "; a directory" : "")}");
    }

    private static IEnumerable<string> LocalNames(string name) => Enumerable.Range(1, Math.Max(0, name.Length - 2)).Where(i => !char.IsAsciiLetterOrDigit(name[i])).Select(i => name[(i + 1)..]);

    /// <summary>Budgets of a run, in words.</summary>
    public IReadOnlyList<string> Budgets =>
    [
        FormattableString.Invariant($"{Policy.AgentLoop.MaxSteps:N0} steps, a risk of {Policy.AgentLoop.RiskBudget}, {DurationShape.Text(Policy.AgentLoop.MaxDuration)} for a run; sub-agents {Policy.AgentLoop.MaxDepth} deep"),
        .. _compiled.Budgets is { } nested ? nested.Words : [],
        .. Policy.Session.Outage is { } outage ? [FormattableString.Invariant($"while the store of sessions is away, an instance spends {outage.LocalShare:P0} of what was left of each, in sessions that it knows")] : Array.Empty<string>(),
        .. Policy.Audit is { } audit ? [Does(audit)] : Array.Empty<string>(),
        .. Policy.Judge is { } judge ? [FormattableString.Invariant($"a judge is asked from risk {judge.TriggerThreshold} on, at most {judge.MaxCallsPerRun} times a run{(judge.AnswersQuestions ? ", and answers for people whether a call serves the request" : "")}; without a clear answer within {DurationShape.Text(judge.Timeout)}: {judge.OnFailure switch { JudgeFailure.Flag => "as without a judge", JudgeFailure.Ask => "a person is asked about a call, and a text is blocked", _ => "blocked" }}")] : Array.Empty<string>(),
        .. Policy.AgentLoop.PrivilegeDecay.OrderBy(static entry => entry.Key).Select(static entry => FormattableString.Invariant($"from step {entry.Key} on {entry.Value:P0} of the tools stay, most dangerous out first")),
        .. Policy.Alerting?.Rules.Select(static rule => $"{Aegis.Alerting.AlertWords.Of(rule)}") ?? [],
    ];

    private (string, IReadOnlyList<(string, string)>) At(string checkpoint, Subject subject, params (string, string)[] behind) =>
        (checkpoint, [.. subject is UserInput ? Before : [], .. _compiled.Guards.For(subject).Select(step => (step.Name, Does(step.Name, subject))), .. subject is UserInput ? Together : [], .. behind]);

    /// <summary>What no guard sees: the texts of a session together.</summary>
    private IEnumerable<(string Guard, string Does)> Together =>
    [
        .. Policy.Session.Trajectory is { } trajectory ? [("trajectory", Does(trajectory))] : Array.Empty<(string, string)>(),
        .. Policy.Recovery is { Mode: not RecoveryMode.Continue } recovery ? [("recovery", Does(recovery))] : Array.Empty<(string, string)>(),
    ];

    private static string Does(RecoveryPolicy recovery) => recovery.Mode switch
    {
        RecoveryMode.ResetLast => "a message that is an attack is left out, and the request goes on with the other new ones",
        RecoveryMode.AutoRetry => "the request ends; answers that are blocked are asked for again",
        _ => FormattableString.Invariant($"{recovery.After} different attacks in {DurationShape.Text(recovery.Window)} lock {(recovery.Scope == RecoveryScope.Principal ? "the user out of all sessions" : "the session")} {(recovery.Holds is { } holds ? $"for {DurationShape.Text(holds)}" : "until it is released")}"),
    };

    /// <summary>What comes before every guard: whether the history was said so.</summary>
    private IEnumerable<(string Guard, string Does)> Before => Policy.Integrity is { } integrity ? [("integrity", Does(integrity))] : [];

    private static string Does(AuditPolicy audit) =>
        $"{audit.Level switch { AuditLevel.ViolationsOnly => "violations are", AuditLevel.Actions => "violations and actions are", _ => "everything is" }} recorded by {string.Join(", ", audit.Transports)}{(audit.AllKeys.Count == 0 ? "" : $", signed with {string.Join(", ", audit.AllKeys)}")}{audit.Content switch { AuditContentMode.Encrypted => ", with everything that a replay needs, sealed", AuditContentMode.Hashed => ", with what a replay of tools and budgets needs, and without texts", _ => "" }}{(audit.Required ? "; what is not recorded does not pass" : "")}";

    private static string Does(IntegrityPolicy integrity) =>
        $"a history whose answers and results are not signed here, in this order and for this session, {integrity.OnFailure switch { IntegrityFailure.Drop => "loses them", IntegrityFailure.Untrusted => "has them read as results of unknown tools", _ => "is blocked" }}; keys: {string.Join(", ", integrity.Keys)}";

    private static string Does(TrajectoryPolicy trajectory) =>
        FormattableString.Invariant($"{trajectory.NearMisses} of {trajectory.Turns} texts of a session with a risk from {trajectory.NearMissAt:0.00}, or a rise up to it: the last one is {(trajectory.Effect == TrajectoryEffect.Block ? "blocked" : "flagged")}");

    private string Does(string guard, Subject subject) => guard switch
    {
        "tool-name" => "a call names a tool on offer, to the letter; look-alikes are refused",
        "capability" => Policy.Capabilities is { Allow.Count: 0, RequireApproval.Count: 0 } ? "no tool may be called: capabilities.allow is empty" : "deny before requireApproval before allow; what nothing allows is denied",
        "task" => "a tool outside of the task that the host has set is denied",
        "tool-integrity" => Policy.ToolIntegrity!.Mode == ToolIntegrityMode.Pinned ? "only tools with a pin, and as it says" : "a tool is what it was when it was seen first",
        "arguments" => "arguments that cannot be read, or in two ways, are refused",
        "argument-rules" => "arguments hold what tools.*.arguments says of them",
        "source" => "arguments come from where tools.*.arguments.*.from says",
        "decay" => "a tool that decay has hidden is denied",
        "flow" => $"once the session has read what others may have written, a call that sends or changes something must be what the user asked for and go where the user, the host or a directory says; else it is {Policy.Alignment.Strictness switch { AlignmentStrictness.Low => "flagged", AlignmentStrictness.Medium => "asked about", _ => "blocked" }}",
        "masked" => "a call that the model also makes when the user's words are hidden comes from what it has read",
        "length" => subject switch
        {
            UserInput => FormattableString.Invariant($"at most {Policy.Input.MaxLength:N0} characters that a user typed"),
            ToolResult => "at most what tools.maxResult says",
            OutputWindow or ModelOutput => FormattableString.Invariant($"at most {Policy.Output.MaxLength:N0} characters"),
            _ => "at most 262,144 characters",
        },
        "media" => FormattableString.Invariant($"what was read from media with a confidence below {Policy.Input.Media.MinConfidence} raises the risk"),
        "input-pattern" => FormattableString.Invariant($"{Policy.Input.BlockPatterns.Count} patterns of yours block"),
        "output-pattern" => FormattableString.Invariant($"{Policy.Output.BlockPatterns.Count} patterns of yours end the answer, {Policy.Output.RedactPatterns.Count} are redacted"),
        "sensitive" => $"{(Policy.Output.DetectPII && Policy.DataFlow.PiiScope.Contains(PiiScope.Output) ? $"personal data is {Policy.DataFlow.PiiHandling switch { PiiHandling.Redact => "replaced", PiiHandling.Allow => "recorded", _ => "what the answer ends before" }}{KindsApart}" : "personal data is not looked for")}; {(Policy.Output.DetectSecrets ? Policy.Output.BlockOnLeak ? "a secret ends the answer" : "secrets are replaced" : "secrets are not looked for")}",
        "personal-input" => $"personal data that a user types {Policy.DataFlow.PiiHandling switch { PiiHandling.Redact => "stands behind placeholders", PiiHandling.Allow => "is recorded", _ => "is refused" }}{KindsApart}",
        "personal-arguments" => $"personal data in arguments {Policy.DataFlow.PiiHandling switch { PiiHandling.Redact => "is replaced", PiiHandling.Allow => "is recorded", _ => "is refused" }}{KindsApart}, but where tools.*.arguments.*.restore lets it stand",
        "placeholder" => "values that have a placeholder stay behind it, and others' placeholders are undone",
        "secret-arguments" => "a call that sends something carries no secret that neither the user nor the host has said",
        "canary" => FormattableString.Invariant($"{Policy.CanaryTokens.Count} canary tokens that nothing may say, in any form"),
        "instruction" => "long stretches of the instructions end the answer",
        "markup" => "addresses of images and the like are replaced, and of links that are made to say something" + (Policy.Output.AllowedHosts.Count > 0 ? FormattableString.Invariant($", but for {Policy.Output.AllowedHosts.Count} hosts") : ""),
        "payload" => $"what is meant for the next reader is replaced: {string.Join(", ", Policy.Output.Payloads.Select(static kind => kind.ToString().ToLowerInvariant()))}",
        "text-scan" or "argument-scan" => FormattableString.Invariant($"rules and detectors; blocks from risk {PolicyCompiler.BlockLine(Policy.Scanner!.Sensitivity):0.00}, flags below"),
        _ => "a guard of the app",
    };
}
