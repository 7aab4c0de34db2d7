using System.Security.Cryptography;
using System.Text;
using Aegis.Alerting;
using Aegis.Answers;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Flow;
using Aegis.Flow.Placeholders;
using Aegis.Guarding;
using Aegis.Integrity;
using Aegis.Media;
using Aegis.Policies.Documents;
using Aegis.Scanning;
using Aegis.Scanning.Leaking;
using Aegis.Scanning.Markup;
using Aegis.Scanning.Payloads;
using Aegis.Scanning.Rules;
using Aegis.Scanning.Sensitive;
using Aegis.Tools;
using Aegis.Tools.Arguments;

namespace Aegis.Policies;

/// <summary>Checks a policy, naming every mistake at once, and composes the features: the guards stand here in their order, cheap before dear.</summary>
internal sealed class PolicyCompiler
{
    private const int HashDigits = 16;

    private static readonly (string Begin, string Setting)[] RulesOnAnswers =
    [
        ("pii/", "dataFlow.piiAllow and output.detectPII"),
        ("secrets/", "output.detectSecrets and output.blockOnLeak"),
        ("canary/", "output.detectCanary"),
        ("leak/", "output.detectPromptLeakage"),
        ("markup/", "output.allowedHosts and output.sanitizeMarkdown"),
        ("payload/", "output.payloads and output.detectInjectionPayloads"),
    ];

    /// <summary>What findings of <c>scanner.customPatterns</c> are about.</summary>
    public const string CustomCategory = "custom";

    /// <summary>What their ids begin with.</summary>
    public const string CustomIds = "custom/";

    private readonly AegisPolicy _policy;
    private readonly SecretSource _secrets;
    private readonly AlertOutlets? _outlets;

    private PolicyCompiler(AegisPolicy policy, SecretSource secrets, AlertOutlets? outlets) => (_policy, _secrets, _outlets) = (policy, secrets, outlets);

    /// <exception cref="PolicyException">The policy has mistakes.</exception>
    public static CompiledPolicy Compile(AegisPolicy policy, IReadOnlyList<RulePack> packs, IReadOnlyList<object> guards, IReadOnlyList<ITextClassifier>? classifiers = null, SecretSource? secrets = null, AlertOutlets? outlets = null) =>
        new PolicyCompiler(policy, secrets ?? SecretSource.Default, outlets).Compile(packs, guards, classifiers ?? []);

    /// <summary>The risk from which a text is blocked.</summary>
    public static double BlockLine(Sensitivity sensitivity) => sensitivity switch
    {
        Sensitivity.Permissive => 0.95,
        Sensitivity.Balanced => 0.90,
        _ => 0.80,
    };

    /// <summary>Adds every mistake that can be seen without rule packs.</summary>
    public static void Check(AegisPolicy policy, PolicyChecks checks)
    {
        PolicyShape.Root.Check(policy, "$", checks);
        ArgumentChecks.Check(policy, checks);
        FieldChecks.Check(policy, checks);
        AlertChecks.Check(policy, checks);
        if (policy.DenialOfWallet is { MaxCost: not null, Prices: { Count: 0 } })
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.denialOfWallet.maxCost", "needs to know prices. Add denialOfWallet.prices, for example { \"*\": { \"input\": 2.5, \"output\": 10 } }.");
        }

        if (policy.Budgets is { Prices: null or { Count: 0 } } budgets && policy.DenialOfWallet is null or { Prices: null or { Count: 0 } })
        {
            foreach (var (level, _) in CostsOf(budgets).Where(static level => level.Max is not null))
            {
                checks.Add(PolicyErrorCodes.Contradiction, $"$.budgets.{level}.maxCost", "needs to know prices. Add budgets.prices, for example { \"*\": { \"input\": 2.5, \"output\": 10 } }.");
            }
        }

        if (policy.Session?.Trajectory is { } trajectory && trajectory.NearMisses > trajectory.Turns)
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.session.trajectory.nearMisses", FormattableString.Invariant($"is more than session.trajectory.turns, {trajectory.Turns}: so many texts count. Use that or less, or raise it."));
        }

        if (policy is { AutoRetry.EscalationPath: EscalationPath.Sandbox or EscalationPath.Combined, Sandbox: null })
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.autoRetry.escalationPath", "wants a sandbox, and there is none. Add \"sandbox\": { \"threshold\": 0.5 } and tools.*.extract, or use 'stricter_scanner'.");
        }

        for (var i = 0; i < (policy.CanaryTokens?.Count ?? 0); i++)
        {
            var path = FormattableString.Invariant($"$.canaryTokens[{i}]");
            if (!string.IsNullOrEmpty(policy.CanaryTokens![i]) && !SecretSource.IsReference(policy.CanaryTokens[i]) && checks.StandsInFile(path))
            {
                checks.Add(PolicyErrorCodes.Secret, path, "is a secret in a file. Write '${env:NAME}' and set the variable, or '${config:PATH}'.");
            }
        }

        if (policy.Integrity is { Keys: not null } integrity)
        {
            Check(integrity.Keys, "$.integrity.keys", "AEGIS_HMAC_SECRET", checks);
        }

        if (policy.Audit is { } audit)
        {
            AuditChecks.Check(audit, checks);
            if (audit.Keys is { Count: > 0 } keys)
            {
                Check(keys, "$.audit.keys", "AEGIS_AUDIT_KEY", checks);
            }
        }

        if (policy is { Judge: { } judge, Scanner: { } scans } && judge.TriggerThreshold >= BlockLine(scans.Sensitivity))
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.judge.triggerThreshold", FormattableString.Invariant($"{judge.TriggerThreshold} is not below the block line {BlockLine(scans.Sensitivity):0.00} of scanner.sensitivity, so that nobody would ever be asked. Use for example {BlockLine(scans.Sensitivity) - 0.2:0.00}."));
        }

        if (policy is { Mode: PolicyMode.Off, IsHardened: true })
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.mode", "switches everything off, which what it extends refuses. Use 'monitor', or start from 'balanced'.");
        }

        if (policy is { KeepRaw: true, IsHardened: true })
        {
            checks.Add(PolicyErrorCodes.Contradiction, "$.keepRaw", "lets uninspected objects out, which what it extends refuses. Leave it out or start from 'balanced'.");
        }
    }

    private static (string Level, decimal? Max)[] CostsOf(BudgetsPolicy budgets) =>
        [("tenant", budgets.Tenant?.MaxCost), ("principal", budgets.Principal?.MaxCost), ("session", budgets.Session?.MaxCost), ("run", budgets.Run?.MaxCost), ("subAgent", budgets.SubAgent?.MaxCost)];

    private static void Check(IReadOnlyList<IntegrityKeyPolicy> keys, string at, string variable, PolicyChecks checks)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < keys.Count; i++)
        {
            var path = FormattableString.Invariant($"{at}[{i}]");
            if (keys[i] is not { Id: { } id, Secret: { } secret })
            {
                continue;
            }

            if (!ids.Add(id))
            {
                checks.Add(PolicyErrorCodes.Duplicate, $"{path}.id", $"'{PolicyErrorList.Shown(id)}' is the id of another key. Give each its own: signatures name it.");
            }

            if (secret.Length > 0 && !SecretSource.IsReference(secret) && checks.StandsInFile($"{path}.secret"))
            {
                checks.Add(PolicyErrorCodes.Secret, $"{path}.secret", "is a secret in a file. Write '${env:NAME}' and set the variable, or '${config:PATH}'.");
            }
        }

        if (keys.Count == 0)
        {
            checks.Add(PolicyErrorCodes.Missing, at, $"is empty, so that nothing could be signed. Add {{ \"id\": \"k1\", \"secret\": \"${{env:{variable}}}\" }}.");
        }
    }

    /// <summary>What asks an app's own model; null: the policy has none asked.</summary>
    public static ClassifierGuard? ClassifierOf(AegisPolicy policy, ITextClassifier classifier) =>
        policy.Scanner is { } settings && !settings.IgnoreRules.Contains(classifier.Rule, StringComparer.Ordinal) ? new(classifier, BlockLine(settings.Sensitivity), settings.ToolResults) : null;

    /// <summary>Hash over all that decides: not its name, and nothing of what signs, records and alerts.</summary>
    public static string DecidingHashOf(AegisPolicy policy) => VersionOf(policy with { Name = "", Audit = null, Integrity = null, Alerting = null }).Hash;

    public static PolicyVersion VersionOf(AegisPolicy policy) =>
        new(policy.Name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PolicySchema.Write(PolicyShape.Root.Write(policy)) + policy.IsHardened)))[..HashDigits]);

    /// <exception cref="PolicyException">The policy has mistakes.</exception>
    public static void ThrowIfWrong(AegisPolicy policy)
    {
        var checks = new PolicyChecks(policy.Places, new());
        Check(policy, checks);
        if (checks.Errors.Count > 0)
        {
            throw new PolicyException(checks.Errors);
        }
    }

    private CompiledPolicy Compile(IReadOnlyList<RulePack> packs, IReadOnlyList<object> foreign, IReadOnlyList<ITextClassifier> classifiers)
    {
        var checks = new PolicyChecks(_policy.Places, new());
        Check(_policy, checks);
        Check(classifiers, packs, checks);
        var rules = Rules(packs, classifiers, checks);
        var canaries = Canaries(checks);
        var keys = _policy.Integrity is { Keys: { } said } ? new HistoryKeys(Keys(said, static i => FormattableString.Invariant($"$.integrity.keys[{i}].secret"), checks)) : null;
        var audit = _policy.Audit is { Keys: not null } log ? new CompiledAudit(log, new(Keys(log.AllKeys, i => log.Key is not null ? "$.audit.key" : FormattableString.Invariant($"$.audit.keys[{i}].secret"), checks))) : null;
        audit = audit is not null && ContentKey(audit.Policy, checks) is { } content ? audit with { Content = content, Deciding = DecidingHashOf(_policy) } : audit;
        var alerts = _outlets is not null && _policy is { Alerting: { } alerting, Mode: not PolicyMode.Off } ? AlertRules.Of(alerting, _secrets, _outlets, checks) : [];
        if (checks.Errors.Count > 0)
        {
            throw new PolicyException(checks.Errors);
        }

        var inputPatterns = Patterns(_policy.Input.BlockPatterns);
        var blockPatterns = Patterns(_policy.Output.BlockPatterns);
        var redactPatterns = Patterns(_policy.Output.RedactPatterns);
        var custom = Patterns(_policy.Scanner?.CustomPatterns ?? []);

        var wallet = _policy.DenialOfWallet;
        var tokens = Wallet("tokens", "maxTokens", BudgetMeter.Tokens, wallet?.MaxTokens);
        var cost = Wallet("cost", "maxCost", BudgetMeter.CostMicros, wallet?.MaxCost is { } max ? (long)(max * 1_000_000) : null);
        var operations = Wallet("operations", "maxOperations", BudgetMeter.Operations, wallet?.MaxOperations);
        Spend[] gates = [.. new[] { tokens, cost }.Where(static budget => budget is not null).Select(static budget => new Spend(budget!, 0))];
        Spend[] everyCall =
        [
            .. new[] { Wallet("tool-calls", "maxToolCalls", BudgetMeter.ToolCalls, wallet?.MaxToolCalls), operations }
                .Where(static budget => budget is not null).Select(static budget => new Spend(budget!, 1)),
            .. gates,
        ];
        var triggers = Wallet("sandbox-triggers", "maxSandboxTriggers", BudgetMeter.SandboxTriggers, wallet?.MaxSandboxTriggers);
        var tools = new ToolRules(_policy, everyCall, triggers);
        var budgets = _policy.Budgets is { } nested ? new CompiledBudgets(nested, new(nested.Prices.Count > 0 ? nested.Prices : wallet?.Prices ?? nested.Prices)) : null;
        var loop = _policy.AgentLoop;
        var runs = loop.MaxRunsPerWindow;
        var limits = new RunLimits(
            loop.MaxSteps,
            loop.RiskBudget,
            loop.MaxDuration,
            loop.MaxDepth,
            loop.RepeatedCalls,
            new("budget/runs", "agentLoop.maxRunsPerWindow", FormattableString.Invariant($"budget/runs/{runs.Window.Ticks}"), BudgetMeter.Runs, runs.Max, runs.Window),
            [.. loop.PrivilegeDecay.OrderBy(static entry => entry.Key).Select(static entry => (entry.Key, entry.Value))])
        { MaxJudged = _policy.Judge?.MaxCallsPerRun ?? int.MaxValue, Whole = budgets?.Run, SubAgent = budgets?.SubAgent };
        var outputPatterns = blockPatterns.Count + redactPatterns.Count == 0 ? null : new OutputPatternGuard(blockPatterns, redactPatterns);

        var personal = new PersonalHandling(DecisionOn(_policy.DataFlow.PiiHandling), _policy.DataFlow.PiiAllow, _policy.DataFlow.PiiBlock);
        var sensitive = SensitiveRules.For(_policy.Output.DetectPII && _policy.DataFlow.PiiScope.Contains(PiiScope.Output), _policy.Output.DetectSecrets) is { } scanner
            ? new SensitiveGuard(scanner, personal, _policy.Output.BlockOnLeak ? Decision.Block : Decision.Redact)
            : null;
        var hasPlaceholders = personal.Redacts && _policy.DataFlow.PiiScope.Contains(PiiScope.Input);
        var personalArguments = _policy.DataFlow.PiiScope.Contains(PiiScope.Arguments) ? new PersonalArgumentsGuard(SensitiveRules.For(personal: true, secrets: false)!, tools, personal, _policy.Mode == PolicyMode.Monitor) : null;

        var fragments = canaries.Count > 0 ? new CanaryFragments(canaries.Select(CanaryRules.LettersOf)) : null;
        var canary = fragments is not null ? new CanaryGuard(canaries, fragments, _policy.Output.BlockOnLeak ? Decision.Block : Decision.Redact) : null;
        var instructions = _policy.Output.DetectPromptLeakage ? new InstructionGuard() : null;
        var taken = _policy.Output.BlocksFindings ? Decision.Block : Decision.Redact;
        var markup = _policy.Output.SanitizeMarkdown ? new MarkupGuard(new(_policy.Output.AllowedHosts), taken) : null;
        var payloads = _policy.Output is { DetectInjectionPayloads: true, Payloads.Count: > 0 } ? new PayloadGuard(_policy.Output.Payloads, taken) : null;
        IOutputReader[] readers = [.. new IOutputReader?[] { outputPatterns, canary, sensitive, instructions, markup, payloads }.OfType<IOutputReader>()];

        var guards = new GuardList();
        guards.Add(new ToolNameGuard(tools));
        guards.Add(new CapabilityGuard(tools));
        guards.Add(new TaskGuard());
        if (_policy.ToolIntegrity is not null)
        {
            guards.Add(new ToolIntegrityGuard());
        }

        guards.Add(new ArgumentsGuard());
        if (tools.HasArguments)
        {
            guards.Add(new ArgumentRulesGuard(tools));
        }

        guards.Add(new DecayGuard(limits, tools));
        if (tools.HasSources)
        {
            guards.Add(new SourceGuard(tools));
        }

        if (_policy.DataFlow.Provenance != ProvenanceMode.Off)
        {
            guards.Add(new FlowGuard(new(_policy), tools));
        }

        if (_policy.Alignment.MaskedReexecution)
        {
            guards.Add(new MaskedGuard());
        }

        if (_policy.Scanner is { ScanToolParams: true } && SensitiveRules.For(personal: false, _policy.Output.DetectSecrets) is { } secrets)
        {
            guards.Add(new SecretArgumentsGuard(secrets, tools, _policy.Output.BlockOnLeak ? Decision.Block : Decision.Flag));
        }

        if (_policy.OnlyData)
        {
            guards.Add(new OnlyDataGuard(tools));
        }

        guards.Add(new LengthGuard(_policy.Input.MaxLength, tools, _policy.Output.MaxLength, _policy.Mode == PolicyMode.Monitor));
        guards.Add(new MediaGuard());
        if (inputPatterns.Count > 0)
        {
            guards.Add(new InputPatternGuard(inputPatterns));
        }

        foreach (var reader in readers)
        {
            guards.Add(reader);
        }

        if (_policy.DataFlow.PiiScope.Contains(PiiScope.Input))
        {
            guards.Add(new PersonalInputGuard(SensitiveRules.For(personal: true, secrets: false)!, personal));
        }

        if (hasPlaceholders)
        {
            guards.Add(new PlaceholderGuard());
        }

        if (personalArguments is not null)
        {
            guards.Add(personalArguments);
        }

        if (_policy.Scanner is { } settings)
        {
            var texts = TextScanner.For([.. rules, .. custom.Select(Custom)], settings, _policy.Input.EncodingNormalization, BlockLine(settings.Sensitivity));
            guards.Add(new TextScanGuard(texts, settings.ToolResults));
            if (settings.ScanToolParams)
            {
                guards.Add(new ArgumentScanGuard(texts));
            }

            foreach (var classifier in classifiers)
            {
                if (ClassifierOf(_policy, classifier) is { } guard)
                {
                    guards.Add(guard, isForeign: true);
                }
            }
        }

        foreach (var guard in foreign)
        {
            guards.Add(guard, isForeign: true, isCustom: true);
        }

        var isUnread = outputPatterns is null && !foreign.Any(static guard => guard is IGuard<OutputWindow>);
        return new()
        {
            Source = _policy,
            Version = VersionOf(_policy),
            Guards = guards,
            Tools = tools,
            HasPlaceholders = hasPlaceholders,
            PersonalArguments = personalArguments,
            JoinsTexts = _policy.Scanner is not null,
            TracksFlow = tools.HasSources || _policy.Alignment.MaskedReexecution || _policy.DataFlow.Provenance != ProvenanceMode.Off,
            Run = limits,
            Gates = gates,
            Tokens = tokens,
            Cost = cost,
            Budgets = budgets,
            Operations = operations,
            SandboxTriggers = triggers,
            Judge = _policy.Judge is { } judge ? new(judge, _policy.Alignment.Strictness, DecisionOn(_policy.Alignment.Strictness)) : null,
            Prices = new(wallet?.Prices ?? new Dictionary<string, ModelPrice>()),
            Costs = (_policy.Budgets is { Prices.Count: > 0 } priced ? priced.Prices : wallet?.Prices) is { Count: > 0 } prices ? new(prices) : null,
            Alerts = alerts,
            OutputReaders = readers,
            OnlyCountsOutput = isUnread && readers.Length == 0,
            Stricter = _policy.Retry is null ? null : Compile(Stricter(_policy), packs, foreign, classifiers, _secrets),
            Fragments = fragments,
            ProtectsInstructions = instructions is not null,
            Trajectory = _policy.Session.Trajectory is { } trajectory ? new(trajectory.Effect == TrajectoryEffect.Block ? Decision.Block : Decision.Flag, trajectory.Turns, trajectory.NearMisses, trajectory.NearMissAt, trajectory.Expires) : null,
            LocalShare = _policy.Session.Outage?.LocalShare,
            KeepsUnread = isUnread,
            Locks = _policy.Recovery.Locks ? LockOf(_policy.Recovery) : null,
            HistoryKeys = keys,
            Audit = audit,
        };
    }

    private static LockRule LockOf(RecoveryPolicy recovery) => new(
        recovery.Mode == RecoveryMode.TerminateSession ? SessionLockKind.Terminated : SessionLockKind.Quarantined,
        recovery.After,
        recovery.Window,
        recovery.Holds,
        recovery.Scope == RecoveryScope.Principal,
        FormattableString.Invariant($"recovery: {recovery.After} in {DurationShape.Text(recovery.Window)}, {(recovery.Holds is { } holds ? $"locked for {DurationShape.Text(holds)}" : "locked until released")}"));

    /// <summary>A classifier's id is like a rule's, and no other's.</summary>
    private static void Check(IReadOnlyList<ITextClassifier> classifiers, IReadOnlyList<RulePack> packs, PolicyChecks checks)
    {
        var taken = packs.SelectMany(static pack => pack.Rules).Select(static rule => rule.Id).Concat(TextScanner.OtherRules).Append(TextScanner.Undecoded).ToHashSet(StringComparer.Ordinal);
        foreach (var id in classifiers.Select(static classifier => classifier.Rule))
        {
            if (id is null || !RuleIds.IsRule(id) || id.StartsWith(CustomIds, StringComparison.Ordinal))
            {
                checks.Add(PolicyErrorCodes.Rule, "AddClassifier", $"'{PolicyErrorList.Shown(id ?? "")}' is not the id of a classifier. Write parts of a to z, 0 to 9, '-', '_' and '.', joined by '/', for example 'classifier/prompt-guard'.");
            }
            else if (!taken.Add(id))
            {
                checks.Add(PolicyErrorCodes.Rule, "AddClassifier", $"'{id}' is the id of another rule or classifier. Give each its own.");
            }
        }
    }

    /// <summary>What judges an answer that takes the place of a blocked one.</summary>
    public static AegisPolicy Stricter(AegisPolicy policy) => (policy.Retry!.EscalationPath == EscalationPath.Sandbox ? policy : Strict(policy)) with
    {
        AutoRetry = null,
        Recovery = new(),
        OnlyData = policy.Retry.EscalationPath != EscalationPath.StricterScanner,
    };

    /// <summary>Looks for everything in answers, and blocks whatever is found.</summary>
    private static AegisPolicy Strict(AegisPolicy policy) => policy with
    {
        Output = policy.Output with { DetectPII = true, DetectSecrets = true, BlockOnLeak = true, DetectCanary = true, DetectPromptLeakage = true, SanitizeMarkdown = true, DetectInjectionPayloads = true, Payloads = Enum.GetValues<PayloadKind>(), BlockPatterns = [.. policy.Output.BlockPatterns, .. policy.Output.RedactPatterns], RedactPatterns = [], BlocksFindings = true },
        DataFlow = policy.DataFlow with { PiiHandling = PiiHandling.Block, PiiAllow = [] },
    };

    /// <summary>The canary tokens themselves.</summary>
    private List<string> Canaries(PolicyChecks checks)
    {
        var tokens = new List<string>();
        for (var i = 0; i < _policy.CanaryTokens.Count && _policy.Output.DetectCanary; i++)
        {
            var path = FormattableString.Invariant($"$.canaryTokens[{i}]");
            if (_secrets.Find(_policy.CanaryTokens[i], out var mistake) is not { } token)
            {
                checks.Add(PolicyErrorCodes.Secret, path, mistake!);
            }
            else if (token.Length > CanaryRules.MaxLength || CanaryRules.LettersOf(token).Length < CanaryRules.LeastLetters)
            {
                checks.Add(PolicyErrorCodes.Secret, path, FormattableString.Invariant($"is no canary token. It has {CanaryRules.LeastLetters} letters and digits at least, and {CanaryRules.MaxLength} characters at most; 'aegis canary new' makes one."));
            }
            else
            {
                tokens.Add(CanaryRules.SecretOf(token));
            }
        }

        return tokens;
    }

    /// <summary>Keys with their secrets.</summary>
    private List<HistoryKey> Keys(IReadOnlyList<IntegrityKeyPolicy> said, Func<int, string> place, PolicyChecks checks)
    {
        var keys = new List<HistoryKey>(said.Count);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < said.Count; i++)
        {
            if (said[i] is not { Id: { } id, Secret: { Length: > 0 } text } || !ids.Add(id))
            {
                continue;   // a mistake that was named
            }

            var path = place(i);
            var secret = _secrets.Find(text, out var mistake);
            if (secret is null || Encoding.UTF8.GetByteCount(secret) < HistoryKey.LeastBytes)
            {
                checks.Add(PolicyErrorCodes.Secret, path, mistake ?? FormattableString.Invariant($"is too short. A secret has {HistoryKey.LeastBytes} bytes of UTF-8 at least; 'aegis key new' makes one."));
                continue;
            }

            keys.Add(new(id, Encoding.UTF8.GetBytes(secret), said[i].NotAfter is { } last && last < DateOnly.MaxValue ? new(last.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null));
        }

        return keys;
    }

    /// <summary>What seals or hashes the content of audit records; null: none is kept.</summary>
    private ContentKey? ContentKey(AuditPolicy audit, PolicyChecks checks)
    {
        if (audit is not { Content: not AuditContentMode.None, ContentKey: { } said })
        {
            return null;
        }

        var secret = _secrets.Find(said, out var mistake);
        if (secret is not null && audit.AllKeys.Any(key => key?.Secret is { } signs && string.Equals(_secrets.Find(signs, out _), secret, StringComparison.Ordinal)))
        {
            mistake = AuditChecks.IsChainKey;
        }
        else if (secret is not null && Encoding.UTF8.GetByteCount(secret) >= HistoryKey.LeastBytes)
        {
            return new(Encoding.UTF8.GetBytes(secret));
        }

        checks.Add(PolicyErrorCodes.Secret, "$.audit.contentKey", mistake ?? FormattableString.Invariant($"is too short. A secret has {HistoryKey.LeastBytes} bytes of UTF-8 at least; 'aegis key new' makes one."));
        return null;
    }

    /// <summary>What happens to a call that does not serve the user's task.</summary>
    public static Decision DecisionOn(AlignmentStrictness strictness) => strictness switch
    {
        AlignmentStrictness.Low => Decision.Flag,
        AlignmentStrictness.Medium => Decision.Ask,
        _ => Decision.Block,
    };

    private static Decision DecisionOn(PiiHandling handling) => handling switch
    {
        PiiHandling.Redact => Decision.Redact,
        PiiHandling.Allow => Decision.Flag,
        _ => Decision.Block,
    };

    private List<Rule> Rules(IReadOnlyList<RulePack> packs, IReadOnlyList<ITextClassifier> classifiers, PolicyChecks checks)
    {
        var rules = packs.SelectMany(static pack => pack.Rules).ToList();
        IReadOnlyList<string> ignored = _policy.Scanner?.IgnoreRules ?? [];
        for (var i = 0; i < ignored.Count; i++)
        {
            var id = ignored[i];
            if (rules.RemoveAll(rule => string.Equals(rule.Id, id, StringComparison.Ordinal)) == 0 && !TextScanner.OtherRules.Contains(id, StringComparer.Ordinal) && !classifiers.Any(classifier => string.Equals(classifier.Rule, id, StringComparison.Ordinal)) && !ignored.Take(i).Contains(id, StringComparer.Ordinal))
            {
                checks.Add(PolicyErrorCodes.Rule, FormattableString.Invariant($"$.scanner.ignoreRules[{i}]"), $"'{PolicyErrorList.Shown(id)}' is not a rule of the scanner.{(RulesOnAnswers.FirstOrDefault(known => id.StartsWith(known.Begin, StringComparison.Ordinal)) is { Begin: not null } onAnswers ? $" It judges answers: see {onAnswers.Setting}." : "")}{Suggestion.For(id, packs.SelectMany(static pack => pack.Rules).Select(static rule => rule.Id))} Take the id from the event or the refusal, for example 'override/ignore-previous'; budgets, limits, lengths and capabilities have settings of their own.");
            }
        }

        return rules;
    }

    private Budget? Wallet(string name, string setting, BudgetMeter meter, long? max) => max is null ? null
        : new($"wallet/{name}", $"denialOfWallet.{setting}", FormattableString.Invariant($"wallet/{name}/{_policy.DenialOfWallet!.Window.Ticks}"), meter, max.Value, _policy.DenialOfWallet.Window);

    private static Rule Custom(Pattern pattern, int index) => new(
        FormattableString.Invariant($"{CustomIds}{index}"),
        CustomCategory,
        0.5,
        Rule.Mask(Checkpoint.Input) | Rule.Mask(Checkpoint.ToolDescription) | Rule.Mask(Checkpoint.ToolArguments) | Rule.Mask(Checkpoint.ToolResult),
        pattern);

    private static List<Pattern> Patterns(IReadOnlyList<string> sources) => [.. sources.Select(Pattern.Parse)];
}
