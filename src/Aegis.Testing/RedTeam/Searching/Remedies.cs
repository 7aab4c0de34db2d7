using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Testing.RedTeaming;

/// <summary>What could be said more strictly in a policy, one member at a time, the most special first. What a policy says already is left out.</summary>
internal static class Remedies
{
    private const int Few = 5;

    /// <param name="policy">The policy.</param>
    /// <param name="case">What is to be stopped.</param>
    public static IEnumerable<Remedy> Of(AegisPolicy policy, RedTeamCase @case) =>
        [.. Arguments(policy, @case), .. Tool(policy, @case), .. Flow(policy, @case), .. Output(policy), .. Scanner(policy), .. Input(policy, @case), .. Budgets(policy, @case), .. Whole(policy)];

    /// <summary>To grant less, where a call is the harm.</summary>
    public static IEnumerable<Remedy> OfCapabilities(AegisPolicy policy, RedTeamCase @case) =>
        @case.Goal?.Harm != RedTeamHarm.Executed ? [] : @case.Steps.Select(static step => step.Call).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(tool => new Remedy($"capabilities.requireApproval: {tool}", policy with { Capabilities = policy.Capabilities with { RequireApproval = [.. policy.Capabilities.RequireApproval, tool] } }));

    /// <summary>Changes of single arguments and of the whole tool.</summary>
    private static IEnumerable<Remedy> Arguments(AegisPolicy policy, RedTeamCase @case)
    {
        foreach (var (name, tool) in policy.Tools)
        {
            if (!@case.Steps.Any(step => step.Call is { } call && new Glob(name).MatchesPlain(ToolName.Of(call))))
            {
                continue;
            }

            foreach (var (argument, constraint) in tool.Arguments)
            {
                if (constraint.Pattern is { } pattern && pattern.Contains('*', StringComparison.Ordinal))
                {
                    yield return With($"tools.{name}.arguments.{argument}.pattern: with fewer wildcards", constraint with { Pattern = pattern.Trim('*').Length > 0 ? pattern.Replace("*", "", StringComparison.Ordinal) : "nobody" });
                }

                if (constraint.Otherwise == Otherwise.Ask)
                {
                    yield return With($"tools.{name}.arguments.{argument}.otherwise: block", constraint with { Otherwise = Otherwise.Block });
                }

                if (constraint.Url is { Hosts: null or { Count: > 0 } } url)
                {
                    yield return With($"tools.{name}.arguments.{argument}.url.hosts: the hosts that it needs", constraint with { Url = url with { Hosts = ["none.example"] } });
                }

                Remedy With(string member, ArgumentPolicy changed) => new(member, Changed(name, tool with { Arguments = new Dictionary<string, ArgumentPolicy>(tool.Arguments) { [argument] = changed } }));
            }

            if (tool.AdditionalArguments != AdditionalArguments.Block)
            {
                yield return new($"tools.{name}.additionalArguments: block", Changed(name, tool with { AdditionalArguments = AdditionalArguments.Block }));
            }

            if (tool.Sink == false)
            {
                yield return new($"tools.{name}.sink: true", Changed(name, tool with { Sink = true }));
            }

            if (tool.Risk is { } risk and not ToolRisk.High)
            {
                yield return new($"tools.{name}.risk: high", Changed(name, tool with { Risk = ToolRisk.High }));
            }
        }

        AegisPolicy Changed(string name, ToolPolicy tool) => policy with { Tools = new Dictionary<string, ToolPolicy>(policy.Tools) { [name] = tool } };
    }

    /// <summary>What is said of the tool that the task reads.</summary>
    private static IEnumerable<Remedy> Tool(AegisPolicy policy, RedTeamCase @case)
    {
        foreach (var (name, tool) in policy.Tools)
        {
            if (@case.Tool is { } read && new Glob(name).MatchesPlain(ToolName.Of(read)) && tool.Output == ToolOutput.Trusted)
            {
                yield return new($"tools.{name}.output: untrusted", policy with { Tools = new Dictionary<string, ToolPolicy>(policy.Tools) { [name] = tool with { Output = ToolOutput.Untrusted } } });
            }
        }

        if (policy.ToolIntegrity is null)
        {
            yield return new("toolIntegrity: { mode: first-use }", policy with { ToolIntegrity = new() });
        }
    }

    private static IEnumerable<Remedy> Flow(AegisPolicy policy, RedTeamCase @case)
    {
        var flow = policy.DataFlow;
        if (flow.Provenance != ProvenanceMode.Enforce)
        {
            yield return new("dataFlow.provenance: enforce", policy with { DataFlow = flow with { Provenance = ProvenanceMode.Enforce } });
        }

        if (!flow.NoExfiltration)
        {
            yield return new("dataFlow.noExfiltration: true", policy with { DataFlow = flow with { NoExfiltration = true } });
        }

        if (@case.Tool is { } tool && flow.Provenance == ProvenanceMode.Enforce)
        {
            yield return new($"dataFlow.externalDataSources: {tool}", policy with { DataFlow = flow with { ExternalDataSources = [.. flow.ExternalDataSources, tool] } });
        }

        if (flow.PiiAllow.Count > 0)
        {
            yield return new("dataFlow.piiAllow: []", policy with { DataFlow = flow with { PiiAllow = [] } });
        }

        if (flow.PiiHandling == PiiHandling.Allow)
        {
            yield return new("dataFlow.piiHandling: redact", policy with { DataFlow = flow with { PiiHandling = PiiHandling.Redact } });
        }

        if (!flow.PiiScope.Contains(PiiScope.Output))
        {
            yield return new("dataFlow.piiScope: output", policy with { DataFlow = flow with { PiiScope = [.. flow.PiiScope, PiiScope.Output] } });
        }

        if (!flow.PiiScope.Contains(PiiScope.Arguments))
        {
            yield return new("dataFlow.piiScope: arguments", policy with { DataFlow = flow with { PiiScope = [.. flow.PiiScope, PiiScope.Arguments] } });
        }

        if (policy.Alignment.Strictness != AlignmentStrictness.High)
        {
            yield return new("alignment.strictness: high", policy with { Alignment = policy.Alignment with { Strictness = AlignmentStrictness.High } });
        }
    }

    private static IEnumerable<Remedy> Output(AegisPolicy policy)
    {
        var output = policy.Output;
        if (!output.DetectCanary)
        {
            yield return With("output.detectCanary: true", output with { DetectCanary = true });
        }

        if (policy.CanaryTokens.Count == 0)
        {
            yield return new("canaryTokens: a word of the system prompt", policy with { CanaryTokens = [World.Secret] });
        }

        if (!output.DetectPromptLeakage)
        {
            yield return With("output.detectPromptLeakage: true", output with { DetectPromptLeakage = true });
        }

        if (!output.DetectSecrets)
        {
            yield return With("output.detectSecrets: true", output with { DetectSecrets = true });
        }

        if (!output.BlockOnLeak)
        {
            yield return With("output.blockOnLeak: true", output with { BlockOnLeak = true });
        }

        if (!output.DetectPII)
        {
            yield return With("output.detectPII: true", output with { DetectPII = true });
        }

        if (!output.SanitizeMarkdown)
        {
            yield return With("output.sanitizeMarkdown: true", output with { SanitizeMarkdown = true });
        }

        if (output.AllowedHosts.Count > 0)
        {
            yield return With("output.allowedHosts: []", output with { AllowedHosts = [] });
        }

        if (!output.DetectInjectionPayloads)
        {
            yield return With("output.detectInjectionPayloads: true", output with { DetectInjectionPayloads = true });
        }

        if (output.Payloads.Count < Enum.GetValues<PayloadKind>().Length)
        {
            yield return With("output.payloads: all", output with { Payloads = Enum.GetValues<PayloadKind>() });
        }

        if (output.Delivery != OutputDelivery.Buffered)
        {
            yield return With("output.delivery: buffered", output with { Delivery = OutputDelivery.Buffered });
        }

        Remedy With(string member, OutputPolicy changed) => new(member, policy with { Output = changed });
    }

    private static IEnumerable<Remedy> Scanner(AegisPolicy policy)
    {
        if (policy.Scanner is not { } scanner)
        {
            yield return new("scanner: {}", policy with { Scanner = new() });
            yield break;
        }

        if (scanner.IgnoreRules.Count > 0)
        {
            yield return With("scanner.ignoreRules: []", scanner with { IgnoreRules = [] });
        }

        if (scanner.ToolResults != ResultHandling.Block)
        {
            yield return With("scanner.toolResults: block", scanner with { ToolResults = ResultHandling.Block });
        }

        if (!scanner.ScanToolParams)
        {
            yield return With("scanner.scanToolParams: true", scanner with { ScanToolParams = true });
        }

        if (!scanner.Classifier)
        {
            yield return With("scanner.classifier: true", scanner with { Classifier = true });
        }

        if (!scanner.ManyShotDetection)
        {
            yield return With("scanner.manyShotDetection: true", scanner with { ManyShotDetection = true });
        }

        if (!scanner.LanguageDetection)
        {
            yield return With("scanner.languageDetection: true", scanner with { LanguageDetection = true });
        }

        if (!scanner.EntropyAnalysis)
        {
            yield return With("scanner.entropyAnalysis: true", scanner with { EntropyAnalysis = true });
        }

        if (!scanner.PerplexityEstimation)
        {
            yield return With("scanner.perplexityEstimation: true", scanner with { PerplexityEstimation = true });
        }

        foreach (var stricter in Enum.GetValues<Sensitivity>().Where(sensitivity => sensitivity > scanner.Sensitivity))
        {
            yield return With($"scanner.sensitivity: {stricter.ToString().ToLowerInvariant()}", scanner with { Sensitivity = stricter });
        }

        Remedy With(string member, ScannerPolicy changed) => new(member, policy with { Scanner = changed });
    }

    private static IEnumerable<Remedy> Input(AegisPolicy policy, RedTeamCase @case)
    {
        var input = policy.Input;
        if (!input.EncodingNormalization)
        {
            yield return new("input.encodingNormalization: true", policy with { Input = input with { EncodingNormalization = true } });
        }

        if (@case.Place == AttackPlace.Typed && @case.Attack is { Length: > 2_000 } && input.MaxLength > 2_000)
        {
            yield return new("input.maxLength: 2000", policy with { Input = input with { MaxLength = 2_000 } });
        }

        if (policy.Integrity is null)
        {
            yield return new("integrity: { keys: … }", policy with { Integrity = new() { Keys = [new("red-team", World.Key)] } });
        }
        else if (policy.Integrity.OnFailure != IntegrityFailure.Block)
        {
            yield return new("integrity.onFailure: block", policy with { Integrity = policy.Integrity with { OnFailure = IntegrityFailure.Block } });
        }

        if (policy.Session.Trajectory is not { Effect: TrajectoryEffect.Block })
        {
            yield return new("session.trajectory.effect: block", policy with { Session = policy.Session with { Trajectory = (policy.Session.Trajectory ?? new()) with { Effect = TrajectoryEffect.Block } } });
        }
    }

    /// <summary>Smaller budgets. Where the attack spends one, any member is named that would have ended it: which of them fits is for whoever writes the policy.</summary>
    private static IEnumerable<Remedy> Budgets(AegisPolicy policy, RedTeamCase @case)
    {
        if (@case.Goal?.Harm != RedTeamHarm.Overrun)
        {
            yield break;
        }

        var (loop, usual) = (policy.AgentLoop, new AgentLoopPolicy());
        foreach (var tool in @case.Steps.Select(static step => step.Call).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            yield return new($"limits.{tool}: max {Few} per 1h", policy with { Limits = new Dictionary<string, RateLimit>(policy.Limits) { [tool] = new(Few, TimeSpan.FromHours(1)) } });
        }

        if (loop.RepeatedCalls > usual.RepeatedCalls)
        {
            yield return new($"agentLoop.repeatedCalls: {usual.RepeatedCalls}", policy with { AgentLoop = loop with { RepeatedCalls = usual.RepeatedCalls } });
        }

        if (loop.MaxSteps > usual.MaxSteps)
        {
            yield return new($"agentLoop.maxSteps: {usual.MaxSteps}", policy with { AgentLoop = loop with { MaxSteps = usual.MaxSteps } });
        }

        if (loop.MaxRunsPerWindow.Max > usual.MaxRunsPerWindow.Max || loop.MaxRunsPerWindow.Window < usual.MaxRunsPerWindow.Window)
        {
            yield return new("agentLoop.maxRunsPerWindow: max 100 per 1h", policy with { AgentLoop = loop with { MaxRunsPerWindow = usual.MaxRunsPerWindow } });
        }

        if (policy.DenialOfWallet is not { MaxToolCalls: <= 50 })
        {
            yield return new("denialOfWallet.maxToolCalls: 50", policy with { DenialOfWallet = (policy.DenialOfWallet ?? new()) with { MaxToolCalls = 50 } });
        }

        if (policy.DenialOfWallet is not { MaxOperations: <= 100 })
        {
            yield return new("denialOfWallet.maxOperations: 100", policy with { DenialOfWallet = (policy.DenialOfWallet ?? new()) with { MaxOperations = 100 } });
        }

        if (policy.DenialOfWallet is not { MaxTokens: <= 200_000 })
        {
            yield return new("denialOfWallet.maxTokens: 200000", policy with { DenialOfWallet = (policy.DenialOfWallet ?? new()) with { MaxTokens = 200_000 } });
        }

        yield return new("agentLoop.maxSteps: 10", policy with { AgentLoop = loop with { MaxSteps = Math.Min(10, loop.MaxSteps) } });
    }

    private static IEnumerable<Remedy> Whole(AegisPolicy policy)
    {
        if (policy.Mode != PolicyMode.Enforce)
        {
            yield return new("mode: enforce", policy with { Mode = PolicyMode.Enforce });
        }

        if (!policy.AgentLoop.PrivilegeDecay.OrderBy(static entry => entry.Key).SequenceEqual(new AgentLoopPolicy().PrivilegeDecay.OrderBy(static entry => entry.Key)))
        {
            yield return new("agentLoop.privilegeDecay: 10: 0.75, 15: 0.5, 20: 0.25", policy with { AgentLoop = policy.AgentLoop with { PrivilegeDecay = new AgentLoopPolicy().PrivilegeDecay } });
        }

        if (policy.AgentLoop.RiskBudget > new AgentLoopPolicy().RiskBudget)
        {
            yield return new("agentLoop.riskBudget: 3.0", policy with { AgentLoop = policy.AgentLoop with { RiskBudget = 3 } });
        }
    }
}
