using System.Text;
using System.Text.Json.Nodes;
using Aegis.Policies.Documents;
using Aegis.Tools;
using Aegis.Tools.Arguments;

namespace Aegis.Policies.Analysis;

/// <summary>
/// Whether a policy only narrows another one: what it lets pass, the other lets pass too. Sound, not complete: what cannot be shown counts as wider.
/// Both must be free of mistakes.
/// </summary>
internal sealed class PolicyComparison
{
    private readonly List<Widening> _widenings = [];
    private readonly AegisPolicy _narrow;
    private readonly AegisPolicy _wide;

    private PolicyComparison(AegisPolicy narrow, AegisPolicy wide) => (_narrow, _wide) = (narrow, wide);

    /// <summary>Every way in which the first policy may be wider than the second.</summary>
    public static IReadOnlyList<Widening> Widenings(AegisPolicy narrow, AegisPolicy wide)
    {
        var comparison = new PolicyComparison(narrow, wide);
        comparison.Compare();
        return comparison._widenings;
    }

    // What is only told (alerting) lets nothing pass and stops nothing.
    private void Compare()
    {
        if (_wide.Mode == PolicyMode.Off)
        {
            return;   // the other one inspects nothing
        }

        Wider(_narrow.Mode > _wide.Mode, "$.mode", "enforces less");
        Wider(_narrow.KeepRaw && !_wide.KeepRaw, "$.keepRaw", "lets uninspected objects out");
        Wider(_wide.IsHardened && !_narrow.IsHardened, "$.extends", "does not extend strict or paranoid, which send nothing that was not read");
        if (_wide.Mode == PolicyMode.Monitor)
        {
            return;   // the other one blocks nothing
        }

        Capabilities();
        Tools();
        foreach (var (glob, limit) in _wide.Limits)
        {
            var mine = _narrow.Limits.Where(entry => string.Equals(Glob.Canonical(entry.Key), Glob.Canonical(glob), StringComparison.Ordinal)).Select(static entry => entry.Value).ToList();
            Wider(!mine.Exists(own => Covers(limit, own)), $"$.limits['{glob}']", mine.Count == 0 ? "is missing" : $"{Text(mine[0])}, not {Text(limit)}");
        }

        Wider(_wide.ToolIntegrity is not null && (_narrow.ToolIntegrity?.Mode ?? (ToolIntegrityMode)(-1)) < _wide.ToolIntegrity.Mode, "$.toolIntegrity", _narrow.ToolIntegrity is null ? "is switched off" : "trusts tools on first use");
        Loop(_narrow.AgentLoop, _wide.AgentLoop);
        if (_wide.DenialOfWallet is { } wallet)
        {
            Wallet(_narrow.DenialOfWallet, wallet);
        }

        if (_wide.Budgets is { } budgets)
        {
            Budgets(_narrow.Budgets, budgets);
        }

        Wider(_wide.Session.Required && !_narrow.Session.Required, "$.session.required", "lets requests without a session pass");
        Wider(_narrow.Session.Outage is { } outage && !(_wide.Session.Outage?.LocalShare >= outage.LocalShare), "$.session.outage", "spends more while the store is away");
        if (_wide.Session.Trajectory is { Effect: TrajectoryEffect.Block } trajectory)
        {
            Trajectory(_narrow.Session.Trajectory, trajectory);
        }

        AtMost("$.input.maxLength", _narrow.Input.MaxLength, _wide.Input.MaxLength);
        Has("$.input.blockPatterns", _narrow.Input.BlockPatterns, _wide.Input.BlockPatterns);
        Wider(_wide.Input.EncodingNormalization && !_narrow.Input.EncodingNormalization, "$.input.encodingNormalization", "reads no encoded text");
        Wider(_narrow.Input.UnknownContent > _wide.Input.UnknownContent, "$.input.unknownContent", "lets the rest of a request pass");
        Wider(_wide.Input.RequireQuarantine && !_narrow.Input.RequireQuarantine, "$.input.requireQuarantine", "lets text from outside enter the model unmarked");
        AtMost("$.input.media.maxSize", _narrow.Input.Media.MaxSize, _wide.Input.Media.MaxSize);
        Wider(!GlobAlgebra.Contains(_wide.Input.Media.Types, _narrow.Input.Media.Types), "$.input.media.types", "lets more kinds of media in");
        Wider(_narrow.Input.Media.MinConfidence < _wide.Input.Media.MinConfidence, "$.input.media.minConfidence", "trusts readings that are less sure");
        AtMost("$.output.maxLength", _narrow.Output.MaxLength, _wide.Output.MaxLength);
        Has("$.output.blockPatterns", _narrow.Output.BlockPatterns, _wide.Output.BlockPatterns);
        Has("$.output.redactPatterns", [.. _narrow.Output.RedactPatterns, .. _narrow.Output.BlockPatterns], _wide.Output.RedactPatterns);
        var scope = _wide.DataFlow.PiiScope.Where(place => place != PiiScope.Output || _wide.Output.DetectPII).ToList();
        if (scope.Count > 0 && KeepsPersonal)
        {
            Wider(scope.Contains(PiiScope.Output) && !_narrow.Output.DetectPII, "$.output.detectPII", "looks for no personal data");
            Wider(scope.Except(_narrow.DataFlow.PiiScope).Any(), "$.dataFlow.piiScope", "looks for personal data in fewer places");
            Wider(!_narrow.DataFlow.PiiBlock.Contains(RestoreRules.All, StringComparer.Ordinal) && _wide.DataFlow.PiiBlock.Except(_narrow.DataFlow.PiiBlock, StringComparer.Ordinal).Any(), "$.dataFlow.piiBlock", "blocks fewer kinds of personal data");
        }

        if (scope.Count > 0 && _wide.DataFlow.PiiHandling != PiiHandling.Allow)
        {
            Wider(_narrow.DataFlow.PiiHandling == PiiHandling.Allow || (_narrow.DataFlow.PiiHandling == PiiHandling.Redact && _wide.DataFlow.PiiHandling == PiiHandling.Block), "$.dataFlow.piiHandling", "shows more around personal data");
            Wider(!_wide.DataFlow.PiiAllow.Contains(RestoreRules.All, StringComparer.Ordinal) && _narrow.DataFlow.PiiAllow.Except(_wide.DataFlow.PiiAllow, StringComparer.Ordinal).Any(), "$.dataFlow.piiAllow", "lets more kinds of personal data pass");
        }

        if (_wide.Output.DetectSecrets)
        {
            Wider(!_narrow.Output.DetectSecrets, "$.output.detectSecrets", "looks for no secrets");
        }

        Wider((_wide.Output.DetectSecrets || _wide.CanaryTokens.Count > 0) && _wide.Output.BlockOnLeak && !_narrow.Output.BlockOnLeak, "$.output.blockOnLeak", "goes on after a secret");

        if (_wide.Output.DetectCanary)
        {
            Wider(_wide.CanaryTokens.Count > 0 && !_narrow.Output.DetectCanary, "$.output.detectCanary", "looks for no canary tokens");
            Has("$.canaryTokens", _narrow.CanaryTokens, _wide.CanaryTokens);
        }

        Wider(_wide.Output.DetectPromptLeakage && !_narrow.Output.DetectPromptLeakage, "$.output.detectPromptLeakage", "lets answers say the instructions");
        if (_wide.Output.SanitizeMarkdown)
        {
            Wider(!_narrow.Output.SanitizeMarkdown, "$.output.sanitizeMarkdown", "lets every address pass");
            Has("$.output.allowedHosts", _wide.Output.AllowedHosts, _narrow.Output.AllowedHosts, "has one more");
        }

        if (_wide.Output.DetectInjectionPayloads && _wide.Output.Payloads.Count > 0)
        {
            Wider(!_narrow.Output.DetectInjectionPayloads, "$.output.detectInjectionPayloads", "lets what is meant for the next reader pass");
            Wider(_wide.Output.Payloads.Except(_narrow.Output.Payloads).Any(), "$.output.payloads", "lacks one");
        }

        if (_wide.Integrity is { } integrity)
        {
            Wider(_narrow.Integrity is null, "$.integrity", "takes histories as they come");
            Wider(_narrow.Integrity?.OnFailure > integrity.OnFailure, "$.integrity.onFailure", "lets histories that nobody vouches for go on");
            Wider(_narrow.Integrity?.Keys.Except(integrity.Keys).Any() == true, "$.integrity.keys", "has one more");
        }

        if (_wide.Audit is { Required: true } audit)
        {
            Audit(_narrow.Audit, audit);
        }

        Judge(_narrow.Judge, _wide.Judge);
        Wider(_narrow.Sandbox != _wide.Sandbox && (_narrow.Sandbox is not null || _wide.Sandbox is not null), "$.sandbox", _narrow.Sandbox is null ? "is switched off" : "lets data out of other results pass");
        Wider(_wide.Alignment.MaskedReexecution && (!_narrow.Alignment.MaskedReexecution || _narrow.Alignment.Strictness < _wide.Alignment.Strictness), "$.alignment.maskedReexecution", "lets calls pass that come from what was read");
        Recovery(_narrow.Recovery, _wide.Recovery);
        Wider(_narrow.Retry is { } retry && !(_wide.Retry?.MaxAttempts >= retry.MaxAttempts), "$.autoRetry", "asks the model more often");
        Wider(_narrow.Retry is { } path && path.EscalationPath != _wide.Retry?.EscalationPath, "$.autoRetry.escalationPath", "asks in another way");
        Wider(_narrow.Output.Delivery < _wide.Output.Delivery, "$.output.delivery", "shows answers that it stops");
        if (_wide.DataFlow.Provenance != ProvenanceMode.Off)
        {
            Wider(_narrow.DataFlow.Provenance > _wide.DataFlow.Provenance, "$.dataFlow.provenance", "lets calls pass whose values come from anywhere");
            Wider(_narrow.Alignment.Strictness < _wide.Alignment.Strictness, "$.alignment.strictness", "lets calls pass that the user did not ask for");
            Wider(_wide.DataFlow.NoExfiltration && !_narrow.DataFlow.NoExfiltration, "$.dataFlow.noExfiltration", "lets private data leave");
            Has("$.dataFlow.externalDataSources", _narrow.DataFlow.ExternalDataSources, _wide.DataFlow.ExternalDataSources);
        }

        if (_wide.Scanner is { } scanner)
        {
            Scanner(_narrow.Scanner, scanner);
        }
    }

    /// <summary>What has to be recorded there may pass here without it.</summary>
    private void Audit(AuditPolicy? mine, AuditPolicy theirs)
    {
        Wider(mine is not { Required: true }, "$.audit.required", "lets pass what is not recorded");
        if (mine is { Required: true })
        {
            Wider(mine.Level < theirs.Level, "$.audit.level", "lets more pass unrecorded");
            Wider(mine.Timeout > theirs.Timeout, "$.audit.timeout", "waits longer for records");
            Wider(!mine.Transports.Contains(AuditPolicy.JsonFile, StringComparer.Ordinal) && !mine.Transports.SequenceEqual(theirs.Transports, StringComparer.Ordinal), "$.audit.transports", "waits for records elsewhere");
            Wider(mine.Fsync < theirs.Fsync, "$.audit.fsync", "waits less for the disk");
            Wider(mine.BackPressure == AuditBackPressure.Spill && theirs.BackPressure != AuditBackPressure.Spill, "$.audit.backPressure", "lets pass what went to the second file");
        }
    }

    /// <summary>What is asked more seldom passes more often; so does what is answered more often.</summary>
    private void Judge(JudgePolicy? mine, JudgePolicy? theirs)
    {
        Wider(mine is null && theirs is not null, "$.judge", "asks no judge");
        Wider(mine?.AnswersQuestions == true && theirs?.AnswersQuestions != true, "$.judge.answersQuestions", "lets a judge answer for people");
        if (mine is null || theirs is null)
        {
            return;
        }

        Wider(mine.TriggerThreshold > theirs.TriggerThreshold, "$.judge.triggerThreshold", "asks later");
        Wider(theirs.Checkpoints.Except(mine.Checkpoints).Any(), "$.judge.checkpoints", "lacks one");
        Wider(mine.MinConfidence < theirs.MinConfidence, "$.judge.minConfidence", "takes less for an approval");
        Wider(mine.OnFailure > theirs.OnFailure, "$.judge.onFailure", "lets more pass unanswered");
        Wider(mine.Timeout != theirs.Timeout, "$.judge.timeout", "waits another time");
        Wider(mine.MaxCallsPerRun != theirs.MaxCallsPerRun, "$.judge.maxCallsPerRun", "asks another number of times");
        Wider(mine.MaxLength != theirs.MaxLength, "$.judge.maxLength", "shows another part");
    }

    private void Capabilities()
    {
        var (mine, theirs) = (_narrow.Capabilities, _wide.Capabilities);
        if (Globs(mine).Concat(Globs(theirs)).Any(static glob => !Ascii.IsValid(glob)))
        {
            Wider(!Globs(mine).SequenceEqual(Globs(theirs), StringComparer.Ordinal), "$.capabilities", "names with other than ASCII characters match look-alikes and cannot be compared");
            return;
        }

        GlobSet[] sets = [new(mine.Deny), new(mine.RequireApproval), new(mine.Allow), new(theirs.Deny), new(theirs.RequireApproval), new(theirs.Allow)];
        if (!GlobAlgebra.None(sets, static isIn => Decided(isIn[0], isIn[1], isIn[2]) < Decided(isIn[3], isIn[4], isIn[5])))
        {
            var named = mine.Allow.Concat(mine.RequireApproval).Where(static glob => !glob.AsSpan().ContainsAny('*', '?')).Distinct(StringComparer.Ordinal)
                .Select(name => (Name: name, Mine: Decided(mine, name, name), Theirs: Decided(theirs, name, name))).Where(static tool => tool.Mine < tool.Theirs).ToList();
            named.ForEach(tool => Wider(true, "$.capabilities", $"'{tool.Name}' {Words(tool.Theirs)} there, {Words(tool.Mine)} here"));
            Wider(named.Count == 0, "$.capabilities", "a glob lets a tool be called that may not be, or not without a question");
            return;
        }

        // A denial or a question also counts by a tool's local name and for look-alikes, which languages over one name do not show.
        var callable = mine.Allow.Concat(mine.RequireApproval).ToList();
        if (callable.Count == 0)
        {
            return;
        }

        if (callable.Exists(static glob => glob.AsSpan().ContainsAny('*', '?')))
        {
            Wider(!GlobAlgebra.Contains(mine.Deny, theirs.Deny), "$.capabilities.deny", "does not deny all that is denied");
            Wider(!GlobAlgebra.Contains([.. mine.Deny, .. mine.RequireApproval], theirs.RequireApproval), "$.capabilities.requireApproval", "does not ask everywhere");
            return;
        }

        foreach (var (name, local) in callable.SelectMany(LocalNames))
        {
            Wider(Decided(mine, name, local) < Decided(theirs, name, local), "$.capabilities", $"'{name}' may be called, and '{local}' may not");
        }
    }

    /// <summary>The names that a tool of this name may have inside a plugin or server.</summary>
    private static IEnumerable<(string Name, string Local)> LocalNames(string name)
    {
        for (var i = 1; i < name.Length - 1; i++)
        {
            if (!char.IsAsciiLetterOrDigit(name[i]))
            {
                yield return (name, name[(i + 1)..]);
            }
        }
    }

    private static string Words(Decision decision) => decision switch
    {
        Decision.Allow => "may be called",
        Decision.Ask => "is asked about",
        _ => "may not be called",
    };

    private static IEnumerable<string> Globs(CapabilityPolicy policy) => [.. policy.Deny, "", .. policy.RequireApproval, "", .. policy.Allow];

    private static Decision Decided(CapabilityPolicy policy, string name, string local)
    {
        var (whole, part) = (ToolName.Of(name), ToolName.Of(local));
        var isPermitted = policy.Allow.Concat(policy.RequireApproval).Any(glob => new Glob(glob).MatchesPlain(whole));
        return Decided(policy.Deny.Any(Restricts), isPermitted && policy.RequireApproval.Any(Restricts), isPermitted);

        bool Restricts(string glob) => new Glob(glob) is var pattern && (pattern.MatchesSkeleton(whole) || pattern.MatchesSkeleton(part));
    }

    private static Decision Decided(bool isDenied, bool isAsked, bool isAllowed) => isDenied ? Decision.Block : isAsked ? Decision.Ask : isAllowed ? Decision.Allow : Decision.Block;

    /// <summary>Whether the wide policy does more with personal data than record it.</summary>
    private bool KeepsPersonal => _wide.DataFlow.PiiHandling != PiiHandling.Allow || _wide.DataFlow.PiiBlock.Count > 0;

    /// <summary>The risk of one tool changes when others are hidden, and the most specific entry counts: only the same entries are known not to widen.</summary>
    private void Tools()
    {
        foreach (var glob in _narrow.Tools.Keys.Union(_wide.Tools.Keys, StringComparer.Ordinal))
        {
            var (mine, theirs) = (_narrow.Tools.GetValueOrDefault(glob), _wide.Tools.GetValueOrDefault(glob));
            var keepsPersonal = KeepsPersonal && _wide.DataFlow.PiiScope.Any(static place => place != PiiScope.Output);
            if (mine is not null)
            {
                _widenings.AddRange(ArgumentComparison.Widenings(mine, theirs ?? new(), $"$.tools['{glob}']", keepsPersonal));
            }

            Wider((_narrow.Sandbox ?? _wide.Sandbox) is not null && !HasSameData(mine ?? new(), theirs ?? new()), $"$.tools['{glob}'].extract", "lets other data out of results pass");
            Wider(theirs is null ? !OnlyAdds(glob, mine!) : mine is null || mine.Risk != theirs.Risk || mine.MaxResult > theirs.MaxResult || mine.Sink != theirs.Sink || !string.Equals(mine.Server, theirs.Server, StringComparison.Ordinal) || mine.Output != theirs.Output || mine.Confidentiality != theirs.Confidentiality, $"$.tools['{glob}']", "is another one, which may hide other tools");
        }
    }

    private static bool HasSameData(ToolPolicy mine, ToolPolicy theirs) =>
        mine.ExtractWhen == theirs.ExtractWhen && JsonNode.DeepEquals(FieldShape.Fields.Write(mine.Extract), FieldShape.Fields.Write(theirs.Extract));

    /// <summary>An entry that the other policy does not have: without a risk it hides nothing, if it takes the place of no other.</summary>
    private bool OnlyAdds(string glob, ToolPolicy mine) => mine is { Risk: null, Output: ToolOutput.Untrusted } && mine.Sink != false && mine.Confidentiality != Confidentiality.Public && mine.MaxResult <= ToolPolicy.DefaultMaxResult
        && _wide.Tools.Keys.All(other => Ascii.IsValid(glob) && Ascii.IsValid(other) && GlobAlgebra.AreDisjoint([other], [glob]));

    private void Loop(AgentLoopPolicy mine, AgentLoopPolicy theirs)
    {
        AtMost("$.agentLoop.maxSteps", mine.MaxSteps, theirs.MaxSteps);
        AtMost("$.agentLoop.riskBudget", mine.RiskBudget, theirs.RiskBudget);
        AtMost("$.agentLoop.repeatedCalls", mine.RepeatedCalls, theirs.RepeatedCalls);
        AtMost("$.agentLoop.maxDuration", mine.MaxDuration, theirs.MaxDuration);
        AtMost("$.agentLoop.maxDepth", mine.MaxDepth, theirs.MaxDepth);
        AtMost("$.agentLoop.maxRecoveries", mine.MaxRecoveries, theirs.MaxRecoveries);
        Wider(!Covers(theirs.MaxRunsPerWindow, mine.MaxRunsPerWindow), "$.agentLoop.maxRunsPerWindow", "is looser");
        Wider(theirs.PrivilegeDecay.Keys.Concat(mine.PrivilegeDecay.Keys).Any(step => At(mine, step) > At(theirs, step)), "$.agentLoop.privilegeDecay", "leaves more tools");

        static double At(AgentLoopPolicy loop, int step) => loop.PrivilegeDecay.Where(entry => entry.Key <= step).Select(static entry => entry.Value).DefaultIfEmpty(1).Min();
    }

    private void Wallet(DenialOfWalletPolicy? mine, DenialOfWalletPolicy theirs)
    {
        if (mine is null)
        {
            Wider(true, "$.denialOfWallet", "is switched off");
            return;
        }

        Wider(!IsAsLong(mine.Window, theirs.Window), "$.denialOfWallet.window", "is shorter");
        AtMost("$.denialOfWallet.maxOperations", mine.MaxOperations, theirs.MaxOperations);
        AtMost("$.denialOfWallet.maxToolCalls", mine.MaxToolCalls, theirs.MaxToolCalls);
        AtMost("$.denialOfWallet.maxSandboxTriggers", mine.MaxSandboxTriggers, theirs.MaxSandboxTriggers);
        AtMost("$.denialOfWallet.maxTokens", mine.MaxTokens ?? long.MaxValue, theirs.MaxTokens ?? long.MaxValue);
        AtMost("$.denialOfWallet.maxCost", mine.MaxCost ?? decimal.MaxValue, theirs.MaxCost ?? decimal.MaxValue);
        Wider(theirs.MaxCost is not null && (mine.Prices.Count != theirs.Prices.Count || mine.Prices.Any(entry => theirs.Prices.GetValueOrDefault(entry.Key) != entry.Value)), "$.denialOfWallet.prices", "are others");
    }

    private void Budgets(BudgetsPolicy? mine, BudgetsPolicy theirs)
    {
        Account("$.budgets.tenant", mine?.Tenant, theirs.Tenant);
        Account("$.budgets.principal", mine?.Principal, theirs.Principal);
        Account("$.budgets.session", mine?.Session, theirs.Session);
        Run("$.budgets.run", mine?.Run, theirs.Run);
        Run("$.budgets.subAgent", mine?.SubAgent, theirs.SubAgent);
        var costs = (theirs.Tenant?.MaxCost ?? theirs.Principal?.MaxCost ?? theirs.Session?.MaxCost ?? theirs.Run?.MaxCost ?? theirs.SubAgent?.MaxCost) is not null;
        var (cheap, dear) = (PricesOf(_narrow), PricesOf(_wide));
        Wider(mine is not null && costs && (cheap.Count != dear.Count || cheap.Any(entry => dear.GetValueOrDefault(entry.Key) != entry.Value)), "$.budgets.prices", "are others");

        void Account(string path, AccountBudgetPolicy? mine, AccountBudgetPolicy? theirs)
        {
            if (theirs is null || theirs == new AccountBudgetPolicy { Window = theirs.Window })
            {
                return;   // it limits nothing
            }

            Wider(mine is not null && !IsAsLong(mine.Window, theirs.Window), $"{path}.window", "is shorter");
            Levels(path, (mine?.MaxToolCalls, mine?.MaxTokens, mine?.MaxCost, mine?.MaxDuration, mine?.MaxEgressBytes), (theirs.MaxToolCalls, theirs.MaxTokens, theirs.MaxCost, theirs.MaxDuration, theirs.MaxEgressBytes));
        }

        void Run(string path, RunBudgetPolicy? mine, RunBudgetPolicy? theirs) =>
            Levels(path, (mine?.MaxToolCalls, mine?.MaxTokens, mine?.MaxCost, mine?.MaxDuration, mine?.MaxEgressBytes), (theirs?.MaxToolCalls, theirs?.MaxTokens, theirs?.MaxCost, theirs?.MaxDuration, theirs?.MaxEgressBytes));

        void Levels(string path, (long? Calls, long? Tokens, decimal? Cost, TimeSpan? Time, long? Bytes) mine, (long? Calls, long? Tokens, decimal? Cost, TimeSpan? Time, long? Bytes) theirs)
        {
            Most($"{path}.maxToolCalls", mine.Calls, theirs.Calls);
            Most($"{path}.maxTokens", mine.Tokens, theirs.Tokens);
            Most($"{path}.maxCost", mine.Cost, theirs.Cost);
            Most($"{path}.maxDuration", mine.Time, theirs.Time);
            Most($"{path}.maxEgressBytes", mine.Bytes, theirs.Bytes);
        }

        void Most<T>(string path, T? mine, T? theirs)
            where T : struct, IComparable<T> => Wider(theirs is { } most && !(mine is { } own && own.CompareTo(most) <= 0), path, mine is null ? "is not limited" : "is larger");
    }

    /// <summary>The prices by which budgets count.</summary>
    private static IReadOnlyDictionary<string, ModelPrice> PricesOf(AegisPolicy policy) => policy.Budgets is { Prices.Count: > 0 } budgets ? budgets.Prices : policy.DenialOfWallet?.Prices ?? new Dictionary<string, ModelPrice>();

    private void Trajectory(TrajectoryPolicy? mine, TrajectoryPolicy theirs)
    {
        if (mine is not { Effect: TrajectoryEffect.Block })
        {
            Wider(true, "$.session.trajectory", mine is null ? "is switched off" : "only flags");
            return;
        }

        Wider(mine.Turns < theirs.Turns, "$.session.trajectory.turns", "looks back less");
        AtMost("$.session.trajectory.nearMisses", mine.NearMisses, theirs.NearMisses);
        AtMost("$.session.trajectory.nearMissAt", mine.NearMissAt, theirs.NearMissAt);
        Wider(mine.Expires < theirs.Expires, "$.session.trajectory.expires", "forgets sooner");
    }

    /// <summary>While a session is locked nothing is counted in it: of locks that end by themselves, only the same ones are known to be shut at the same times.</summary>
    private void Recovery(RecoveryPolicy mine, RecoveryPolicy theirs)
    {
        Wider(mine.Mode == RecoveryMode.ResetLast && theirs.Mode != RecoveryMode.ResetLast, "$.recovery.mode", "lets the rest of a request pass");
        if (!theirs.Locks)
        {
            return;
        }

        if (!mine.Locks)
        {
            Wider(true, "$.recovery.mode", "locks nobody");
            return;
        }

        Wider(mine.Mode < theirs.Mode, "$.recovery.mode", "lets runs go on after a release");
        if (mine.Holds is not null)
        {
            Wider(mine.Holds != theirs.Holds || mine.After != theirs.After || mine.Window != theirs.Window || mine.Scope != theirs.Scope, "$.recovery", "lets a lock end by itself that begins at another time");
            return;
        }

        Wider(mine.Scope < theirs.Scope, "$.recovery.scope", "counts each session for itself");
        AtMost("$.recovery.after", mine.After, theirs.After);
        Wider(mine.Window < theirs.Window, "$.recovery.window", "forgets sooner");
    }

    private void Scanner(ScannerPolicy? mine, ScannerPolicy theirs)
    {
        if (mine is null)
        {
            Wider(true, "$.scanner", "is switched off");
            return;
        }

        Wider(mine.Sensitivity < theirs.Sensitivity, "$.scanner.sensitivity", "blocks from a higher risk");
        Wider(theirs.ScanToolParams && !mine.ScanToolParams, "$.scanner.scanToolParams", "does not scan arguments");
        Wider(mine.ToolResults > theirs.ToolResults, "$.scanner.toolResults", "lets more of a result pass");
        Wider(theirs.Classifier && !mine.Classifier, "$.scanner.classifier", "is switched off");
        Wider(theirs.EntropyAnalysis && !mine.EntropyAnalysis, "$.scanner.entropyAnalysis", "is switched off");
        Wider(theirs.LanguageDetection && !mine.LanguageDetection, "$.scanner.languageDetection", "is switched off");
        Wider(theirs.ManyShotDetection && !mine.ManyShotDetection, "$.scanner.manyShotDetection", "is switched off");
        Wider(theirs.PerplexityEstimation && (!mine.PerplexityEstimation || mine.PerplexityThreshold > theirs.PerplexityThreshold), "$.scanner.perplexityEstimation", "flags less");
        Has("$.scanner.customPatterns", mine.CustomPatterns, theirs.CustomPatterns);
        Has("$.scanner.ignoreRules", theirs.IgnoreRules, mine.IgnoreRules, "ignores a rule that is used");
    }

    private void Has(string path, IReadOnlyList<string> mine, IReadOnlyList<string> theirs, string reason = "lacks one") =>
        Wider(theirs.Except(mine, StringComparer.Ordinal).Any(), path, reason);

    private void AtMost<T>(string path, T mine, T theirs)
        where T : IComparable<T> => Wider(mine.CompareTo(theirs) > 0, path, "is larger");

    /// <summary>Whether whatever a limit lets pass, another one does too. Windows are counted in 64 parts, so that a longer one must be longer by one.</summary>
    private static bool Covers(RateLimit wide, RateLimit narrow) => narrow.Max <= wide.Max && IsAsLong(narrow.Window, wide.Window);

    private static string Text(RateLimit limit) => FormattableString.Invariant($"{limit.Max} per {DurationShape.Text(limit.Window)}");

    private static bool IsAsLong(TimeSpan narrow, TimeSpan wide) => narrow == wide || narrow >= wide + (wide / 64);

    private void Wider(bool isWider, string path, string reason)
    {
        if (isWider)
        {
            _widenings.Add(new(path, reason));
        }
    }
}
