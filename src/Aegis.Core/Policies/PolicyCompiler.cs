using System.Globalization;
using Aegis.Guarding;
using Aegis.Scanning;
using Aegis.Scanning.Rules;
using Aegis.Tools;

namespace Aegis.Policies;

/// <summary>Checks a policy, naming every mistake at once, and composes the features: the guards stand here in their order, cheap before dear.</summary>
internal sealed class PolicyCompiler
{
    private const int MaxGlobLength = ToolName.MaxLength;

    private readonly List<PolicyError> _errors = [];
    private readonly AegisPolicy _policy;

    private PolicyCompiler(AegisPolicy policy) => _policy = policy;

    /// <exception cref="PolicyException">The policy has mistakes.</exception>
    public static CompiledPolicy Compile(AegisPolicy policy, IReadOnlyList<RulePack> packs, IReadOnlyList<object> guards) =>
        new PolicyCompiler(policy).Compile(packs, guards);

    /// <summary>The risk from which a text is blocked.</summary>
    public static double BlockLine(Sensitivity sensitivity) => sensitivity switch
    {
        Sensitivity.Permissive => 0.95,
        Sensitivity.Balanced => 0.90,
        _ => 0.80,
    };

    private CompiledPolicy Compile(IReadOnlyList<RulePack> packs, IReadOnlyList<object> foreign)
    {
        CheckParts();
        if (_errors.Count > 0)
        {
            throw new PolicyException(_errors);   // what is missing cannot be checked further
        }

        CheckValues();
        var inputPatterns = Patterns("$.input.blockPatterns", _policy.Input.BlockPatterns);
        var blockPatterns = Patterns("$.output.blockPatterns", _policy.Output.BlockPatterns);
        var redactPatterns = Patterns("$.output.redactPatterns", _policy.Output.RedactPatterns);
        var custom = Patterns("$.scanner.customPatterns", _policy.Scanner?.CustomPatterns ?? []);
        var rules = Rules(packs);
        if (_errors.Count > 0)
        {
            throw new PolicyException(_errors);
        }

        var wallet = _policy.DenialOfWallet;
        var tokens = Wallet("tokens", "maxTokens", BudgetMeter.Tokens, wallet?.MaxTokens);
        var cost = Wallet("cost", "maxCost", BudgetMeter.CostMicros, wallet?.MaxCost is { } max ? (long)(max * 1_000_000) : null);
        Spend[] gates = [.. new[] { tokens, cost }.Where(static budget => budget is not null).Select(static budget => new Spend(budget!, 0))];
        Spend[] everyCall =
        [
            .. new[] { Wallet("tool-calls", "maxToolCalls", BudgetMeter.ToolCalls, wallet?.MaxToolCalls), Wallet("operations", "maxOperations", BudgetMeter.Operations, wallet?.MaxOperations) }
                .Where(static budget => budget is not null).Select(static budget => new Spend(budget!, 1)),
            .. gates,
        ];
        var tools = new ToolRules(_policy, everyCall, Wallet("sandbox-triggers", "maxSandboxTriggers", BudgetMeter.SandboxTriggers, wallet?.MaxSandboxTriggers));
        var loop = _policy.AgentLoop;
        var runs = loop.MaxRunsPerWindow;
        var limits = new RunLimits(
            loop.MaxSteps,
            loop.RiskBudget,
            loop.MaxDuration,
            loop.MaxDepth,
            loop.RepeatedCalls,
            new("budget/runs", "agentLoop.maxRunsPerWindow", FormattableString.Invariant($"budget/runs/{runs.Window.Ticks}"), BudgetMeter.Runs, runs.Max, runs.Window),
            [.. loop.PrivilegeDecay.OrderBy(static entry => entry.Key).Select(static entry => (entry.Key, entry.Value))]);
        var outputPatterns = blockPatterns.Count + redactPatterns.Count == 0 ? null : new OutputPatternGuard(blockPatterns, redactPatterns);

        var guards = new GuardList();
        guards.Add(new ToolNameGuard(tools));
        guards.Add(new CapabilityGuard(tools));
        guards.Add(new ArgumentsGuard());
        guards.Add(new DecayGuard(limits));
        guards.Add(new LengthGuard(_policy.Input.MaxLength, tools, _policy.Output.MaxLength));
        if (inputPatterns.Count > 0)
        {
            guards.Add(new InputPatternGuard(inputPatterns));
        }

        if (outputPatterns is not null)
        {
            guards.Add(outputPatterns);
        }

        if (_policy.Scanner is { } settings)
        {
            var scanner = new TextScanner(new RegexRuleMatcher([.. rules, .. custom.Select(Custom)]), [.. TextScanner.Detectors.Where(detector => !settings.IgnoreRules.Contains(detector.Rule, StringComparer.Ordinal))], BlockLine(settings.Sensitivity));
            guards.Add(new TextScanGuard(scanner));
            if (settings.ScanToolParams)
            {
                guards.Add(new ArgumentScanGuard(scanner));
            }
        }

        foreach (var guard in foreign)
        {
            guards.Add(guard, isForeign: true);
        }

        return new()
        {
            Source = _policy,
            Guards = guards,
            Tools = tools,
            Run = limits,
            Gates = gates,
            Tokens = tokens,
            Cost = cost,
            Prices = new(wallet?.Prices ?? new Dictionary<string, ModelPrice>()),
            OutputPatterns = outputPatterns,
            OnlyCountsOutput = outputPatterns is null && !foreign.Any(static guard => guard is IGuard<OutputWindow>),
        };
    }

    private List<Rule> Rules(IReadOnlyList<RulePack> packs)
    {
        var rules = packs.SelectMany(static pack => pack.Rules).ToList();
        foreach (var id in (_policy.Scanner?.IgnoreRules ?? []).Distinct(StringComparer.Ordinal))
        {
            if (rules.RemoveAll(rule => string.Equals(rule.Id, id, StringComparison.Ordinal)) == 0 && !TextScanner.Detectors.Any(detector => string.Equals(detector.Rule, id, StringComparison.Ordinal)))
            {
                Error("$.scanner.ignoreRules", $"'{id}' is not a rule of the scanner. Take the id from the event or the refusal, for example 'override/ignore-previous'; budgets, limits, lengths and capabilities have settings of their own.");
            }
        }

        return rules;
    }

    private Budget? Wallet(string name, string setting, BudgetMeter meter, long? max) => max is null ? null
        : new($"wallet/{name}", $"denialOfWallet.{setting}", FormattableString.Invariant($"wallet/{name}/{_policy.DenialOfWallet!.Window.Ticks}"), meter, max.Value, _policy.DenialOfWallet.Window);

    private static Rule Custom(Pattern pattern, int index) => new(
        FormattableString.Invariant($"custom/{index}"),
        "custom",
        0.5,
        Rule.Mask(Checkpoint.Input) | Rule.Mask(Checkpoint.ToolDescription) | Rule.Mask(Checkpoint.ToolArguments) | Rule.Mask(Checkpoint.ToolResult),
        pattern);

    private List<Pattern> Patterns(string path, IReadOnlyList<string> sources)
    {
        var patterns = new List<Pattern>(sources.Count);
        for (var i = 0; i < sources.Count; i++)
        {
            try
            {
                patterns.Add(Pattern.Parse(sources[i] ?? ""));
            }
            catch (PatternException e)
            {
                Error($"{path}[{i}]", $"{e.Message}.");
            }
        }

        return patterns;
    }

    private void CheckParts()
    {
        Present("$.capabilities", _policy.Capabilities, static part => [part.Allow, part.Deny, part.RequireApproval]);
        Present("$.agentLoop", _policy.AgentLoop, static part => [part.PrivilegeDecay]);
        Present("$.session", _policy.Session, static _ => []);
        Present("$.input", _policy.Input, static part => [part.BlockPatterns]);
        Present("$.output", _policy.Output, static part => [part.BlockPatterns, part.RedactPatterns]);
        Present("$.tools", _policy.Tools, static part => [.. part.Values]);
        Present("$.limits", _policy.Limits, static _ => []);
        if (_policy.Scanner is not null)
        {
            Present("$.scanner", _policy.Scanner, static part => [part.CustomPatterns, part.IgnoreRules]);
        }

        if (_policy.DenialOfWallet is not null)
        {
            Present("$.denialOfWallet", _policy.DenialOfWallet, static part => [part.Prices]);
        }
    }

    private void Present<T>(string path, T? part, Func<T, IReadOnlyList<object?>> children)
        where T : class
    {
        if (part is null || children(part).Contains(null))
        {
            Error(path, "is null or has a part that is. Leave it out to keep the default.");
        }
    }

    private void CheckValues()
    {
        var (loop, wallet) = (_policy.AgentLoop, _policy.DenialOfWallet);
        Globs("$.capabilities.allow", _policy.Capabilities.Allow);
        Globs("$.capabilities.deny", _policy.Capabilities.Deny);
        Globs("$.capabilities.requireApproval", _policy.Capabilities.RequireApproval);
        Globs("$.tools", _policy.Tools.Keys);
        Globs("$.limits", _policy.Limits.Keys);
        foreach (var (glob, tool) in _policy.Tools)
        {
            AtLeast($"$.tools['{glob}'].maxResult", tool.MaxResult, 0);
            Defined($"$.tools['{glob}'].risk", tool.Risk ?? ToolRisk.Low);
        }

        foreach (var (glob, limit) in _policy.Limits)
        {
            Rate($"$.limits['{glob}']", limit);
        }

        AtLeast("$.agentLoop.maxSteps", loop.MaxSteps, 0);
        AtLeast("$.agentLoop.repeatedCalls", loop.RepeatedCalls, 1);
        AtLeast("$.agentLoop.maxDepth", loop.MaxDepth, 0);
        AtLeast("$.agentLoop.maxRecoveries", loop.MaxRecoveries, 0);
        Rate("$.agentLoop.maxRunsPerWindow", loop.MaxRunsPerWindow);
        Duration("$.agentLoop.maxDuration", loop.MaxDuration);
        if (!(loop.RiskBudget > 0 && double.IsFinite(loop.RiskBudget)))
        {
            Error("$.agentLoop.riskBudget", Text($"{loop.RiskBudget} is not a risk budget. Use a positive number, for example 3.0."));
        }

        var last = 1.0;
        foreach (var (step, fraction) in loop.PrivilegeDecay.OrderBy(static entry => entry.Key))
        {
            if (step < 1 || !(fraction >= 0 && fraction <= last))
            {
                Error($"$.agentLoop.privilegeDecay['{step}']", Text($"{fraction} does not decay. Use steps from 1 on, and fractions that go down from 1 to 0."));
            }

            last = fraction;
        }

        if (wallet is not null)
        {
            Duration("$.denialOfWallet.window", wallet.Window);
            AtLeast("$.denialOfWallet.maxOperations", wallet.MaxOperations, 0);
            AtLeast("$.denialOfWallet.maxToolCalls", wallet.MaxToolCalls, 0);
            AtLeast("$.denialOfWallet.maxSandboxTriggers", wallet.MaxSandboxTriggers, 0);
            AtLeast("$.denialOfWallet.maxTokens", wallet.MaxTokens ?? 0, 0);
            Globs("$.denialOfWallet.prices", wallet.Prices.Keys);
            if (wallet.MaxCost is < 0 or > 1_000_000_000)
            {
                Error("$.denialOfWallet.maxCost", Text($"{wallet.MaxCost} is not a cost. Use 0 to 1,000,000,000."));
            }

            if (wallet.MaxCost is not null && wallet.Prices.Count == 0)
            {
                Error("$.denialOfWallet.maxCost", "needs to know prices. Add denialOfWallet.prices, for example { \"*\": { \"input\": 2.5, \"output\": 10 } }.");
            }

            foreach (var (glob, price) in wallet.Prices)
            {
                if (price is not { Input: >= 0 and <= 1_000_000, Output: >= 0 and <= 1_000_000 })
                {
                    Error($"$.denialOfWallet.prices['{glob}']", "is not a price. Use 0 to 1,000,000 per million tokens.");
                }
            }
        }

        AtLeast("$.input.maxLength", _policy.Input.MaxLength, 1);
        AtLeast("$.output.maxLength", _policy.Output.MaxLength, 1);
        Defined("$.input.unknownContent", _policy.Input.UnknownContent);
        Defined("$.mode", _policy.Mode);
        Defined("$.onBlock", _policy.OnBlock);
        Defined("$.scanner.sensitivity", _policy.Scanner?.Sensitivity ?? default);
        if (string.IsNullOrWhiteSpace(_policy.RefusalText))
        {
            Error("$.refusalText", "is empty. Say what users shall read.");
        }

        if (_policy.Mode == PolicyMode.Off && _policy.IsHardened)
        {
            Error("$.mode", $"switches everything off, which '{_policy.Name}' refuses. Use 'Monitor', or start from 'balanced'.");
        }

        if (_policy.KeepRaw && _policy.IsHardened)
        {
            Error("$.keepRaw", $"lets uninspected objects out, which '{_policy.Name}' refuses. Leave it out or start from 'balanced'.");
        }
    }

    private void Globs(string path, IEnumerable<string> globs)
    {
        foreach (var glob in globs)
        {
            if (!ToolName.IsWellFormed(glob))
            {
                Error(path, $"'{Shown(glob)}' is not a glob. Use 1 to {MaxGlobLength} characters, without control characters.");
            }
        }
    }

    private static string Shown(string? text) => string.Concat((text ?? "").Where(static c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(32));

    private void Rate(string path, RateLimit limit)
    {
        if (limit is null)
        {
            Error(path, "is missing. Add max and window, for example { \"max\": 100, \"window\": \"1h\" }.");
            return;
        }

        AtLeast($"{path}.max", limit.Max, 0);
        Duration($"{path}.window", limit.Window);
    }

    private void Duration(string path, TimeSpan duration)
    {
        if (duration < TimeSpan.FromSeconds(1) || duration > TimeSpan.FromDays(366))
        {
            Error(path, Text($"{duration:c} is out of range. Use one second to 366 days."));
        }
    }

    private void AtLeast(string path, long value, long least)
    {
        if (value < least)
        {
            Error(path, Text($"{value} is too small. Use {least} or more."));
        }
    }

    private void Defined<T>(string path, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            Error(path, $"'{value}' is unknown. Use one of: {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Error(string path, string message) => _errors.Add(new(path, message));
}
