using Aegis.Prompting;
using Aegis.Tools;

namespace Aegis.Policies.Documents;

/// <summary>The policy document: every member that a document can say, once, for reading, checking, showing and the schema.</summary>
internal static class PolicyShape
{
    private static readonly FlagShape Flag = new();

    private static readonly DurationShape Duration = new();

    private static readonly NumberShape<int> Count = new(0);

    private static readonly ListShape Globs = new(TextKind.Glob);

    private static readonly ListShape Patterns = new(TextKind.Pattern);

    private static readonly ObjectShape<RateLimit> Limit = new(
        static () => new(0, TimeSpan.FromHours(1)),
        new Member<RateLimit, int>("max", "At most; 0 allows none.", static limit => limit.Max, static (limit, value) => limit with { Max = value }, Count) { IsRequired = true },
        new Member<RateLimit, TimeSpan>("window", "In any window of this length.", static limit => limit.Window, static (limit, value) => limit with { Window = value }, Duration) { IsRequired = true });

    private static readonly ObjectShape<CapabilityPolicy> Capabilities = new(
        static () => new(),
        new Member<CapabilityPolicy, IReadOnlyList<string>>("allow", "Tools that may be called. An empty list allows nothing.", static part => part.Allow, static (part, value) => part with { Allow = value }, Globs),
        new Member<CapabilityPolicy, IReadOnlyList<string>>("deny", "Tools that may not, whatever else is said. Adds to what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, new ListShape(TextKind.Glob, adds: true)),
        new Member<CapabilityPolicy, IReadOnlyList<string>>("deny!", "The same; replaces what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, Globs) { IsVariant = true },
        new Member<CapabilityPolicy, IReadOnlyList<string>>("requireApproval", "Tools that may be called when a person says yes.", static part => part.RequireApproval, static (part, value) => part with { RequireApproval = value }, Globs));

    private static readonly ObjectShape<ToolPolicy> Tool = new(
        static () => new(),
        new Member<ToolPolicy, ToolRisk?>("risk", "How much harm it can do; null: inferred from annotations, kind and name.", static part => part.Risk, static (part, value) => part with { Risk = value }, new OptionalValueShape<ToolRisk>(new ChoiceShape<ToolRisk>(("low", ToolRisk.Low), ("medium", ToolRisk.Medium), ("high", ToolRisk.High)))),
        new Member<ToolPolicy, int>("maxResult", "Characters of a result, at most; a longer one is blocked.", static part => part.MaxResult, static (part, value) => part with { MaxResult = value }, Count),
        new Member<ToolPolicy, bool?>("sink", "Whether it hands something out or changes something; null: inferred.", static part => part.Sink, static (part, value) => part with { Sink = value }, new OptionalValueShape<bool>(Flag)),
        new Member<ToolPolicy, ToolOutput>("output", "Who writes what it returns: untrusted, others may; trusted, nobody but the app.", static part => part.Output, static (part, value) => part with { Output = value }, new ChoiceShape<ToolOutput>(("untrusted", ToolOutput.Untrusted), ("trusted", ToolOutput.Trusted))),
        new Member<ToolPolicy, Confidentiality?>("confidentiality", "Whom what it returns is for; null: inferred.", static part => part.Confidentiality, static (part, value) => part with { Confidentiality = value }, new OptionalValueShape<Confidentiality>(new ChoiceShape<Confidentiality>(("public", Confidentiality.Public), ("private", Confidentiality.Private)))),
        new Member<ToolPolicy, IReadOnlyDictionary<string, ArgumentPolicy>>("arguments", "What must hold for its arguments, by path: a name, dotted for nested members, * for every member or item at its level.", static part => part.Arguments, static (part, value) => part with { Arguments = value }, ArgumentShape.Arguments),
        new Member<ToolPolicy, AdditionalArguments>("additionalArguments", "What happens to arguments that no rule names.", static part => part.AdditionalArguments, static (part, value) => part with { AdditionalArguments = value }, new ChoiceShape<AdditionalArguments>(("allow", AdditionalArguments.Allow), ("block", AdditionalArguments.Block))),
        new Member<ToolPolicy, IReadOnlyDictionary<string, FieldPolicy>>("extract", "The data that takes a result's place, by name, where sandbox says when.", static part => part.Extract, static (part, value) => part with { Extract = value }, FieldShape.Fields),
        new Member<ToolPolicy, ExtractWhen>("extractWhen", "Which results are replaced: risky, those from sandbox.threshold on; always, all of them.", static part => part.ExtractWhen, static (part, value) => part with { ExtractWhen = value }, new ChoiceShape<ExtractWhen>(("risky", ExtractWhen.Risky), ("always", ExtractWhen.Always))),
        new Member<ToolPolicy, string?>("server", "The one server that it comes from; null: any, as long as one alone offers the name.", static part => part.Server, static (part, value) => part with { Server = value }, new OptionalShape<string>(new TextShape(TextKind.Server))));

    private static readonly ObjectShape<ToolIntegrityPolicy> ToolIntegrity = new(
        static () => new(),
        new Member<ToolIntegrityPolicy, ToolIntegrityMode>("mode", "Whether a tool is approved as it is when it is seen first, or only with a pin.", static part => part.Mode, static (part, value) => part with { Mode = value }, new ChoiceShape<ToolIntegrityMode>(("first-use", ToolIntegrityMode.FirstUse), ("pinned", ToolIntegrityMode.Pinned))));

    private static readonly ObjectShape<AgentLoopPolicy> AgentLoop = new(
        static () => new(),
        new Member<AgentLoopPolicy, int>("maxSteps", "Model responses with at least one call, at most.", static part => part.MaxSteps, static (part, value) => part with { MaxSteps = value }, Count),
        new Member<AgentLoopPolicy, double>("riskBudget", "Sum over the steps of the largest risk below the block line, at most.", static part => part.RiskBudget, static (part, value) => part with { RiskBudget = value }, new NumberShape<double>(0, 1_000_000, exclusive: true)),
        new Member<AgentLoopPolicy, IReadOnlyDictionary<int, double>>("privilegeDecay", "From a step on, the share of the tools that stays, most dangerous out first.", static part => part.PrivilegeDecay, static (part, value) => part with { PrivilegeDecay = value }, new DecayShape()),
        new Member<AgentLoopPolicy, int>("repeatedCalls", "Times that the same call may return the same result.", static part => part.RepeatedCalls, static (part, value) => part with { RepeatedCalls = value }, new NumberShape<int>(1)),
        new Member<AgentLoopPolicy, RateLimit>("maxRunsPerWindow", "Runs that messages alone can start in a session.", static part => part.MaxRunsPerWindow, static (part, value) => part with { MaxRunsPerWindow = value }, Limit),
        new Member<AgentLoopPolicy, TimeSpan>("maxDuration", "Time a run may take, tools and people included.", static part => part.MaxDuration, static (part, value) => part with { MaxDuration = value }, Duration),
        new Member<AgentLoopPolicy, int>("maxDepth", "Sub-agents inside each other, at most.", static part => part.MaxDepth, static (part, value) => part with { MaxDepth = value }, Count),
        new Member<AgentLoopPolicy, int>("maxRecoveries", "Times that one request asks the model again because its calls were denied.", static part => part.MaxRecoveries, static (part, value) => part with { MaxRecoveries = value }, Count));

    private static readonly ObjectShape<ModelPrice> Price = new(
        static () => new(0, 0),
        new Member<ModelPrice, decimal>("input", "A million tokens read.", static price => price.Input, static (price, value) => price with { Input = value }, new NumberShape<decimal>(0, 1_000_000)) { IsRequired = true },
        new Member<ModelPrice, decimal>("output", "A million tokens written.", static price => price.Output, static (price, value) => price with { Output = value }, new NumberShape<decimal>(0, 1_000_000)) { IsRequired = true });

    private static readonly ObjectShape<DenialOfWalletPolicy> DenialOfWallet = new(
        static () => new(),
        new Member<DenialOfWalletPolicy, TimeSpan>("window", "The window of these budgets.", static part => part.Window, static (part, value) => part with { Window = value }, Duration),
        new Member<DenialOfWalletPolicy, int>("maxOperations", "Tool, sandbox and judge calls together, at most.", static part => part.MaxOperations, static (part, value) => part with { MaxOperations = value }, Count),
        new Member<DenialOfWalletPolicy, int>("maxToolCalls", "Tool calls, at most.", static part => part.MaxToolCalls, static (part, value) => part with { MaxToolCalls = value }, Count),
        new Member<DenialOfWalletPolicy, int>("maxSandboxTriggers", "Tries of the sandbox, and runs of the provider's code sandbox, at most.", static part => part.MaxSandboxTriggers, static (part, value) => part with { MaxSandboxTriggers = value }, Count),
        new Member<DenialOfWalletPolicy, long?>("maxTokens", "Tokens, at most; null: not counted.", static part => part.MaxTokens, static (part, value) => part with { MaxTokens = value }, new OptionalValueShape<long>(new NumberShape<long>(0))),
        new Member<DenialOfWalletPolicy, decimal?>("maxCost", "Cost, at most; needs prices; null: not counted.", static part => part.MaxCost, static (part, value) => part with { MaxCost = value }, new OptionalValueShape<decimal>(new NumberShape<decimal>(0, 1_000_000_000))),
        new Member<DenialOfWalletPolicy, IReadOnlyDictionary<string, ModelPrice>>("prices", "Price of a million tokens, by glob over models.", static part => part.Prices, static (part, value) => part with { Prices = value }, new MapShape<ModelPrice>(Price)));

    private static readonly OptionalValueShape<long> Most = new(new NumberShape<long>(0));

    private static readonly OptionalValueShape<decimal> MostCost = new(new NumberShape<decimal>(0, 1_000_000_000));

    private static readonly OptionalValueShape<TimeSpan> MostTime = new(Duration);

    private static readonly OptionalShape<AccountBudgetPolicy> AccountBudget = new(new ObjectShape<AccountBudgetPolicy>(
        static () => new(),
        new Member<AccountBudgetPolicy, TimeSpan>("window", "In any window of this length.", static part => part.Window, static (part, value) => part with { Window = value }, Duration),
        new Member<AccountBudgetPolicy, long?>("maxToolCalls", "Tool calls, at most; null: as many as one likes.", static part => part.MaxToolCalls, static (part, value) => part with { MaxToolCalls = value }, Most),
        new Member<AccountBudgetPolicy, long?>("maxTokens", "Tokens, at most; null: as many as one likes.", static part => part.MaxTokens, static (part, value) => part with { MaxTokens = value }, Most),
        new Member<AccountBudgetPolicy, decimal?>("maxCost", "Cost, at most; needs prices; null: as much as one likes.", static part => part.MaxCost, static (part, value) => part with { MaxCost = value }, MostCost),
        new Member<AccountBudgetPolicy, TimeSpan?>("maxDuration", "Wall time of runs, added up, at most; null: as long as one likes.", static part => part.MaxDuration, static (part, value) => part with { MaxDuration = value }, MostTime),
        new Member<AccountBudgetPolicy, long?>("maxEgressBytes", "Bytes of the arguments of calls that send something or read from outside, at most; null: as many as one likes.", static part => part.MaxEgressBytes, static (part, value) => part with { MaxEgressBytes = value }, Most)));

    private static readonly OptionalShape<RunBudgetPolicy> RunBudget = new(new ObjectShape<RunBudgetPolicy>(
        static () => new(),
        new Member<RunBudgetPolicy, long?>("maxToolCalls", "Tool calls, at most; null: as many as one likes.", static part => part.MaxToolCalls, static (part, value) => part with { MaxToolCalls = value }, Most),
        new Member<RunBudgetPolicy, long?>("maxTokens", "Tokens, at most; null: as many as one likes.", static part => part.MaxTokens, static (part, value) => part with { MaxTokens = value }, Most),
        new Member<RunBudgetPolicy, decimal?>("maxCost", "Cost, at most; needs prices; null: as much as one likes.", static part => part.MaxCost, static (part, value) => part with { MaxCost = value }, MostCost),
        new Member<RunBudgetPolicy, TimeSpan?>("maxDuration", "Time after which nothing begins but a last word; null: as long as it likes.", static part => part.MaxDuration, static (part, value) => part with { MaxDuration = value }, MostTime),
        new Member<RunBudgetPolicy, long?>("maxEgressBytes", "Bytes of the arguments of calls that send something or read from outside, at most; null: as many as one likes.", static part => part.MaxEgressBytes, static (part, value) => part with { MaxEgressBytes = value }, Most)));

    private static readonly ObjectShape<BudgetsPolicy> Budgets = new(
        static () => new(),
        new Member<BudgetsPolicy, AccountBudgetPolicy?>("tenant", "All users of a tenant together; null: no budget.", static part => part.Tenant, static (part, value) => part with { Tenant = value }, AccountBudget),
        new Member<BudgetsPolicy, AccountBudgetPolicy?>("principal", "All sessions of a user together; null: no budget.", static part => part.Principal, static (part, value) => part with { Principal = value }, AccountBudget),
        new Member<BudgetsPolicy, AccountBudgetPolicy?>("session", "All runs of a session together; null: no budget.", static part => part.Session, static (part, value) => part with { Session = value }, AccountBudget),
        new Member<BudgetsPolicy, RunBudgetPolicy?>("run", "One run with its sub-agents; null: no budget.", static part => part.Run, static (part, value) => part with { Run = value }, RunBudget),
        new Member<BudgetsPolicy, RunBudgetPolicy?>("subAgent", "One sub-agent with those inside it; null: what the runs above it have left.", static part => part.SubAgent, static (part, value) => part with { SubAgent = value }, RunBudget),
        new Member<BudgetsPolicy, IReadOnlyDictionary<string, ModelPrice>>("prices", "Price of a million tokens, by glob over models; none: denialOfWallet.prices.", static part => part.Prices, static (part, value) => part with { Prices = value }, new MapShape<ModelPrice>(Price)));

    private static readonly ObjectShape<MediaPolicy> Media = new(
        static () => new(),
        new Member<MediaPolicy, int>("maxSize", "Bytes of one piece of media, decoded, at most.", static part => part.MaxSize, static (part, value) => part with { MaxSize = value }, new NumberShape<int>(1)),
        new Member<MediaPolicy, IReadOnlyList<string>>("types", "Globs over media types.", static part => part.Types, static (part, value) => part with { Types = value }, new ListShape(TextKind.MediaType)),
        new Member<MediaPolicy, double>("minConfidence", "The confidence of a reading below which it raises the risk; 0: never.", static part => part.MinConfidence, static (part, value) => part with { MinConfidence = value }, new NumberShape<double>(0, 1)));

    private static readonly ObjectShape<InputPolicy> Input = new(
        static () => new(),
        new Member<InputPolicy, int>("maxLength", "Characters of one text that a user typed, at most.", static part => part.MaxLength, static (part, value) => part with { MaxLength = value }, new NumberShape<int>(1)),
        new Member<InputPolicy, IReadOnlyList<string>>("blockPatterns", "Patterns that block what enters, tool results included.", static part => part.BlockPatterns, static (part, value) => part with { BlockPatterns = value }, Patterns),
        new Member<InputPolicy, bool>("encodingNormalization", "Whether the scanner also reads what a text spells in other encodings, or with its letters apart or replaced.", static part => part.EncodingNormalization, static (part, value) => part with { EncodingNormalization = value }, Flag),
        new Member<InputPolicy, UnknownContent>("unknownContent", "What happens to content that no guard can read.", static part => part.UnknownContent, static (part, value) => part with { UnknownContent = value }, new ChoiceShape<UnknownContent>(("block", UnknownContent.Block), ("strip", UnknownContent.Strip))),
        new Member<InputPolicy, bool>("requireQuarantine", "Whether text from outside (results of tools, text files, messages that neither the host nor the user wrote) enters the model only marked.", static part => part.RequireQuarantine, static (part, value) => part with { RequireQuarantine = value }, Flag),
        new Member<InputPolicy, MarkingStrategy>("marking", "How it is marked: datamarking puts a random character before every word, delimiters put a random tag around it, encoding writes Base64, json writes a JSON string.", static part => part.Marking, static (part, value) => part with { Marking = value }, new ChoiceShape<MarkingStrategy>(("datamarking", MarkingStrategy.Datamarking), ("delimiters", MarkingStrategy.Delimiters), ("encoding", MarkingStrategy.Encoding), ("json", MarkingStrategy.Json))),
        new Member<InputPolicy, MediaPolicy>("media", "Which media may enter, where an extractor reads them; without one they are unknown content.", static part => part.Media, static (part, value) => part with { Media = value }, Media));

    private static readonly ObjectShape<OutputPolicy> Output = new(
        static () => new(),
        new Member<OutputPolicy, int>("maxLength", "Characters of one response, at most; the rest is not shown.", static part => part.MaxLength, static (part, value) => part with { MaxLength = value }, new NumberShape<int>(1)),
        new Member<OutputPolicy, IReadOnlyList<string>>("blockPatterns", "Patterns that end the response before they are shown.", static part => part.BlockPatterns, static (part, value) => part with { BlockPatterns = value }, Patterns),
        new Member<OutputPolicy, IReadOnlyList<string>>("redactPatterns", "Patterns that are replaced by [REDACTED].", static part => part.RedactPatterns, static (part, value) => part with { RedactPatterns = value }, Patterns),
        new Member<OutputPolicy, bool>("detectPII", "Whether personal data is looked for.", static part => part.DetectPII, static (part, value) => part with { DetectPII = value }, Flag),
        new Member<OutputPolicy, bool>("detectSecrets", "Whether secrets are looked for.", static part => part.DetectSecrets, static (part, value) => part with { DetectSecrets = value }, Flag),
        new Member<OutputPolicy, bool>("blockOnLeak", "Whether a secret ends the response; else it is replaced.", static part => part.BlockOnLeak, static (part, value) => part with { BlockOnLeak = value }, Flag),
        new Member<OutputPolicy, bool>("detectCanary", "Whether the canary tokens are looked for, in answers and in the arguments of calls.", static part => part.DetectCanary, static (part, value) => part with { DetectCanary = value }, Flag),
        new Member<OutputPolicy, bool>("detectPromptLeakage", "Whether long stretches of the instructions end the response.", static part => part.DetectPromptLeakage, static (part, value) => part with { DetectPromptLeakage = value }, Flag),
        new Member<OutputPolicy, bool>("sanitizeMarkdown", "Whether addresses that would carry something away, or run something, are taken out of Markdown and HTML.", static part => part.SanitizeMarkdown, static (part, value) => part with { SanitizeMarkdown = value }, Flag),
        new Member<OutputPolicy, IReadOnlyList<string>>("allowedHosts", "Globs over hosts to which images and links may always lead.", static part => part.AllowedHosts, static (part, value) => part with { AllowedHosts = value }, new ListShape(ArgumentKinds.Host)),
        new Member<OutputPolicy, bool>("detectInjectionPayloads", "Whether what is meant for whoever reads the response next is taken out of it.", static part => part.DetectInjectionPayloads, static (part, value) => part with { DetectInjectionPayloads = value }, Flag),
        new Member<OutputPolicy, IReadOnlyList<PayloadKind>>("payloads", "What that is: instructions for a model, script for a browser, sql for a database.", static part => part.Payloads, static (part, value) => part with { Payloads = value }, new ChoicesShape<PayloadKind>(("instructions", PayloadKind.Instructions), ("script", PayloadKind.Script), ("sql", PayloadKind.Sql))),
        new Member<OutputPolicy, OutputDelivery>("delivery", "When a response is shown: hold-back, as it arrives, without what may still become part of a finding; buffered, when it is whole.", static part => part.Delivery, static (part, value) => part with { Delivery = value }, new ChoiceShape<OutputDelivery>(("hold-back", OutputDelivery.HoldBack), ("buffered", OutputDelivery.Buffered))));

    private static readonly ObjectShape<ScannerPolicy> Scanner = new(
        static () => new(),
        new Member<ScannerPolicy, Sensitivity>("sensitivity", "The risk from which a text is blocked: .95, .90 or .80.", static part => part.Sensitivity, static (part, value) => part with { Sensitivity = value }, new ChoiceShape<Sensitivity>(("permissive", Sensitivity.Permissive), ("balanced", Sensitivity.Balanced), ("paranoid", Sensitivity.Paranoid))),
        new Member<ScannerPolicy, bool>("scanToolParams", "Whether the arguments of tool calls are scanned.", static part => part.ScanToolParams, static (part, value) => part with { ScanToolParams = value }, Flag),
        new Member<ScannerPolicy, ResultHandling>("toolResults", "What happens to a tool's result in which something is found at the block line: block withholds it, redact removes the sentences, flag lets it pass.", static part => part.ToolResults, static (part, value) => part with { ToolResults = value }, new ChoiceShape<ResultHandling>(("block", ResultHandling.Block), ("redact", ResultHandling.Redact), ("flag", ResultHandling.Flag))),
        new Member<ScannerPolicy, bool>("classifier", "Whether a learnt model reads what is typed, what tools return and what they say of themselves.", static part => part.Classifier, static (part, value) => part with { Classifier = value }, Flag),
        new Member<ScannerPolicy, bool>("entropyAnalysis", "Whether noise of letters and signs is flagged.", static part => part.EntropyAnalysis, static (part, value) => part with { EntropyAnalysis = value }, Flag),
        new Member<ScannerPolicy, bool>("languageDetection", "Whether mixed scripts are flagged.", static part => part.LanguageDetection, static (part, value) => part with { LanguageDetection = value }, Flag),
        new Member<ScannerPolicy, bool>("manyShotDetection", "Whether many made-up turns are flagged.", static part => part.ManyShotDetection, static (part, value) => part with { ManyShotDetection = value }, Flag),
        new Member<ScannerPolicy, bool>("perplexityEstimation", "Whether stretches that read like no language are flagged.", static part => part.PerplexityEstimation, static (part, value) => part with { PerplexityEstimation = value }, Flag),
        new Member<ScannerPolicy, double>("perplexityThreshold", "Bits per character from which a stretch reads like nothing.", static part => part.PerplexityThreshold, static (part, value) => part with { PerplexityThreshold = value }, new NumberShape<double>(1, 16)),
        new Member<ScannerPolicy, IReadOnlyList<string>>("customPatterns", "Patterns of your own, flagged wherever text enters.", static part => part.CustomPatterns, static (part, value) => part with { CustomPatterns = value }, Patterns),
        new Member<ScannerPolicy, IReadOnlyList<string>>("ignoreRules", "Ids of rules that are not used.", static part => part.IgnoreRules, static (part, value) => part with { IgnoreRules = value }, new ListShape(TextKind.Rule)));

    private static readonly ObjectShape<AlignmentPolicy> Alignment = new(
        static () => new(),
        new Member<AlignmentPolicy, AlignmentStrictness>("strictness", "What happens to a call that does not serve the user's task: low flags it, medium asks, high blocks.", static part => part.Strictness, static (part, value) => part with { Strictness = value }, new ChoiceShape<AlignmentStrictness>(("low", AlignmentStrictness.Low), ("medium", AlignmentStrictness.Medium), ("high", AlignmentStrictness.High))),
        new Member<AlignmentPolicy, bool>("maskedReexecution", "Whether a step that sends or changes something is taken again with the user's words hidden, once the run has read what others may have written: what the model does all the same comes from there.", static part => part.MaskedReexecution, static (part, value) => part with { MaskedReexecution = value }, Flag));

    private static readonly ObjectShape<DataFlowPolicy> DataFlow = new(
        static () => new(),
        new Member<DataFlowPolicy, ProvenanceMode>("provenance", "Whether the origin of arguments decides (enforce), is flagged (flag) or is not looked at (off).", static part => part.Provenance, static (part, value) => part with { Provenance = value }, new ChoiceShape<ProvenanceMode>(("enforce", ProvenanceMode.Enforce), ("flag", ProvenanceMode.Flag), ("off", ProvenanceMode.Off))),
        new Member<DataFlowPolicy, bool>("noExfiltration", "Whether private data is kept from going where the user did not send it.", static part => part.NoExfiltration, static (part, value) => part with { NoExfiltration = value }, Flag),
        new Member<DataFlowPolicy, IReadOnlyList<string>>("externalDataSources", "Tools, by glob, in whose results anybody can write.", static part => part.ExternalDataSources, static (part, value) => part with { ExternalDataSources = value }, Globs),
        new Member<DataFlowPolicy, PiiHandling>("piiHandling", "What happens to personal data where piiScope looks for it: redact puts a placeholder in its place, block ends the response or refuses the request or the call, allow lets it pass with a finding.", static part => part.PiiHandling, static (part, value) => part with { PiiHandling = value }, new ChoiceShape<PiiHandling>(("redact", PiiHandling.Redact), ("block", PiiHandling.Block), ("allow", PiiHandling.Allow))),
        new Member<DataFlowPolicy, IReadOnlyList<string>>("piiAllow", "Kinds of personal data that pass with a finding whatever piiHandling says, in lower case, * for all.", static part => part.PiiAllow, static (part, value) => part with { PiiAllow = value }, new ListShape(ArgumentKinds.Personal)),
        new Member<DataFlowPolicy, IReadOnlyList<string>>("piiBlock", "Kinds of personal data that are blocked whatever piiHandling and piiAllow say.", static part => part.PiiBlock, static (part, value) => part with { PiiBlock = value }, new ListShape(ArgumentKinds.Personal)),
        new Member<DataFlowPolicy, IReadOnlyList<PiiScope>>("piiScope", "Where personal data is looked for: in what the model says (output), in what users type (input), in the arguments of calls (arguments).", static part => part.PiiScope, static (part, value) => part with { PiiScope = value }, new ChoicesShape<PiiScope>(("output", PiiScope.Output), ("input", PiiScope.Input), ("arguments", PiiScope.Arguments))));

    private static readonly ObjectShape<JudgePolicy> Judge = new(
        static () => new(),
        new Member<JudgePolicy, double>("triggerThreshold", "Risk from which it is asked, below the block line.", static part => part.TriggerThreshold, static (part, value) => part with { TriggerThreshold = value }, new NumberShape<double>(0, 1, exclusive: true)),
        new Member<JudgePolicy, IReadOnlyList<JudgeScope>>("checkpoints", "Where it is asked: about what users say (input), calls (tool-calls), what tools return (tool-results), finished answers (output).", static part => part.Checkpoints, static (part, value) => part with { Checkpoints = value }, new ChoicesShape<JudgeScope>(("input", JudgeScope.Input), ("tool-calls", JudgeScope.ToolCalls), ("tool-results", JudgeScope.ToolResults), ("output", JudgeScope.Output))),
        new Member<JudgePolicy, bool>("answersQuestions", "Whether it says in a person's place if a call serves the user's request.", static part => part.AnswersQuestions, static (part, value) => part with { AnswersQuestions = value }, Flag),
        new Member<JudgePolicy, double>("minConfidence", "Confidence below which an approval is none.", static part => part.MinConfidence, static (part, value) => part with { MinConfidence = value }, new NumberShape<double>(0, 1)),
        new Member<JudgePolicy, TimeSpan>("timeout", "Time that an answer may take.", static part => part.Timeout, static (part, value) => part with { Timeout = value }, Duration),
        new Member<JudgePolicy, JudgeFailure>("onFailure", "What happens without a clear answer: block; ask a person about a call and block a text; flag.", static part => part.OnFailure, static (part, value) => part with { OnFailure = value }, new ChoiceShape<JudgeFailure>(("block", JudgeFailure.Block), ("ask", JudgeFailure.Ask), ("flag", JudgeFailure.Flag))),
        new Member<JudgePolicy, int>("maxCallsPerRun", "How often it is asked in one run, at most.", static part => part.MaxCallsPerRun, static (part, value) => part with { MaxCallsPerRun = value }, Count),
        new Member<JudgePolicy, int>("maxLength", "Characters of a text that it is shown, at most.", static part => part.MaxLength, static (part, value) => part with { MaxLength = value }, new NumberShape<int>(200, 1_000_000)));

    private static readonly ObjectShape<SandboxPolicy> Sandbox = new(
        static () => new(),
        new Member<SandboxPolicy, double>("threshold", "Risk from which a result is replaced, not above the block line; a field with such a risk is refused.", static part => part.Threshold, static (part, value) => part with { Threshold = value }, new NumberShape<double>(0, 1, exclusive: true)));

    private static readonly ObjectShape<AutoRetryPolicy> AutoRetry = new(
        static () => new(),
        new Member<AutoRetryPolicy, int>("maxAttempts", "How often a request is asked again.", static part => part.MaxAttempts, static (part, value) => part with { MaxAttempts = value }, new NumberShape<int>(1, 5)),
        new Member<AutoRetryPolicy, EscalationPath>("escalationPath", "What becomes stricter: stricter_scanner looks for everything in the new response, and whatever it finds blocks it; sandbox asks again with data (tools.*.extract) in place of what tools returned; combined does both.", static part => part.EscalationPath, static (part, value) => part with { EscalationPath = value }, new ChoiceShape<EscalationPath>(("stricter_scanner", EscalationPath.StricterScanner), ("sandbox", EscalationPath.Sandbox), ("combined", EscalationPath.Combined))));

    private static readonly ObjectShape<TrajectoryPolicy> Trajectory = new(
        static () => new(),
        new Member<TrajectoryPolicy, TrajectoryEffect>("effect", "What happens to the text that shows it: flag records it, block stops it.", static part => part.Effect, static (part, value) => part with { Effect = value }, new ChoiceShape<TrajectoryEffect>(("flag", TrajectoryEffect.Flag), ("block", TrajectoryEffect.Block))),
        new Member<TrajectoryPolicy, int>("turns", "How many of the last texts count.", static part => part.Turns, static (part, value) => part with { Turns = value }, new NumberShape<int>(2, RiskTrail.MaxLength)),
        new Member<TrajectoryPolicy, int>("nearMisses", "How many of them are enough.", static part => part.NearMisses, static (part, value) => part with { NearMisses = value }, new NumberShape<int>(2, RiskTrail.MaxLength)),
        new Member<TrajectoryPolicy, double>("nearMissAt", "The risk from which a text is one of them.", static part => part.NearMissAt, static (part, value) => part with { NearMissAt = value }, new NumberShape<double>(0.1, 1)),
        new Member<TrajectoryPolicy, TimeSpan>("expires", "After how long a silence what was typed is forgotten.", static part => part.Expires, static (part, value) => part with { Expires = value }, Duration));

    private static readonly ObjectShape<OutagePolicy> Outage = new(
        static () => new(),
        new Member<OutagePolicy, double>("localShare", "The share of what is left of each limit and budget that an instance may spend by itself.", static part => part.LocalShare, static (part, value) => part with { LocalShare = value }, new NumberShape<double>(0, 1, exclusive: true)));

    private static readonly ObjectShape<SessionPolicy> Session = new(
        static () => new(),
        new Member<SessionPolicy, bool>("required", "Whether a request without an AegisScope or a conversation id is refused.", static part => part.Required, static (part, value) => part with { Required = value }, Flag),
        new Member<SessionPolicy, TrajectoryPolicy?>("trajectory", "Whether what a user types is judged together with what the user typed before: repeated near-misses, and a rise of risk; null: each text alone.", static part => part.Trajectory, static (part, value) => part with { Trajectory = value }, new OptionalShape<TrajectoryPolicy>(Trajectory)),
        new Member<SessionPolicy, OutagePolicy?>("outage", "Whether an instance may go on counting by itself, in sessions that it knows, when the store of sessions cannot be reached; null: what must be counted blocks.", static part => part.Outage, static (part, value) => part with { Outage = value }, new OptionalShape<OutagePolicy>(Outage)));

    private static readonly ObjectShape<RecoveryPolicy> Recovery = new(
        static () => new(),
        new Member<RecoveryPolicy, RecoveryMode>("mode", "What becomes of it: continue, the request ends and the conversation goes on; reset-last leaves the message out and goes on with the rest; quarantine-session locks the conversation for some time, terminate-session for good; auto-retry is continue with autoRetry.", static part => part.Mode, static (part, value) => part with { Mode = value }, new ChoiceShape<RecoveryMode>(("continue", RecoveryMode.Continue), ("reset-last", RecoveryMode.ResetLast), ("quarantine-session", RecoveryMode.QuarantineSession), ("terminate-session", RecoveryMode.TerminateSession), ("auto-retry", RecoveryMode.AutoRetry))),
        new Member<RecoveryPolicy, int>("after", "How many different attacks lock.", static part => part.After, static (part, value) => part with { After = value }, new NumberShape<int>(1, Strike.Most)),
        new Member<RecoveryPolicy, TimeSpan>("window", "In any window of this length.", static part => part.Window, static (part, value) => part with { Window = value }, Duration),
        new Member<RecoveryPolicy, TimeSpan?>("duration", "How long a quarantine lasts; null: until released.", static part => part.Duration, static (part, value) => part with { Duration = value }, new OptionalValueShape<TimeSpan>(Duration)),
        new Member<RecoveryPolicy, RecoveryScope>("scope", "For whom attacks are counted, and who is locked: the session, or its principal in all sessions.", static part => part.Scope, static (part, value) => part with { Scope = value }, new ChoiceShape<RecoveryScope>(("session", RecoveryScope.Session), ("principal", RecoveryScope.Principal))));

    private static readonly ObjectShape<IntegrityKeyPolicy> IntegrityKey = new(
        static () => new("", ""),
        new Member<IntegrityKeyPolicy, string>("id", "Its name, which stands in signatures.", static key => key.Id, static (key, value) => key with { Id = value }, new TextShape(TextKind.KeyId)) { IsRequired = true },
        new Member<IntegrityKeyPolicy, string>("secret", "Where its secret stands, 32 bytes at least: ${env:NAME} or ${config:PATH}.", static key => key.Secret, static (key, value) => key with { Secret = value }, new TextShape(TextKind.Secret)) { IsRequired = true },
        new Member<IntegrityKeyPolicy, DateOnly?>("notAfter", "The last day on which it signs (and verifies, of conversations), in UTC; null: there is none.", static key => key.NotAfter, static (key, value) => key with { NotAfter = value }, new OptionalValueShape<DateOnly>(new DateShape())));

    private static readonly ObjectShape<IntegrityPolicy> Integrity = new(
        static () => new(),
        new Member<IntegrityPolicy, IReadOnlyList<IntegrityKeyPolicy>>("keys", "The keys. The first that has not expired signs, all that have not expired verify.", static part => part.Keys, static (part, value) => part with { Keys = value }, new ItemsShape<IntegrityKeyPolicy>(IntegrityKey)),
        new Member<IntegrityPolicy, IntegrityAlgorithm>("algorithm", "How it is signed: HMAC over a chain, with this hash.", static part => part.Algorithm, static (part, value) => part with { Algorithm = value }, new ChoiceShape<IntegrityAlgorithm>(("SHA-256", IntegrityAlgorithm.Sha256))),
        new Member<IntegrityPolicy, IntegrityFailure>("onFailure", "What happens to a history that was not said so: block, the request does not go on; drop, without what nobody vouches for; untrusted, that is read like what a tool has returned.", static part => part.OnFailure, static (part, value) => part with { OnFailure = value }, new ChoiceShape<IntegrityFailure>(("block", IntegrityFailure.Block), ("drop", IntegrityFailure.Drop), ("untrusted", IntegrityFailure.Untrusted))));

    private static readonly ObjectShape<AuditRotationPolicy> AuditRotation = new(
        static () => new(),
        new Member<AuditRotationPolicy, long>("size", "Size from which a file is finished, for example 50MB.", static part => part.Size, static (part, value) => part with { Size = value }, new SizeShape(4 << 10, 1L << 40)),
        new Member<AuditRotationPolicy, int>("keep", "Finished files that are kept.", static part => part.Keep, static (part, value) => part with { Keep = value }, new NumberShape<int>(1, 100_000)),
        new Member<AuditRotationPolicy, TimeSpan?>("every", "Age at which a file is finished; null: size alone counts.", static part => part.Every, static (part, value) => part with { Every = value }, new OptionalValueShape<TimeSpan>(Duration)));

    private static readonly ObjectShape<AuditPolicy> Audit = new(
        static () => new(),
        new Member<AuditPolicy, AuditLevel>("level", "Which events are recorded: violations-only, what was blocked, asked about, redacted or flagged, and locks; actions, also what agents and hosts do; all, also what passed.", static part => part.Level, static (part, value) => part with { Level = value }, new ChoiceShape<AuditLevel>(("violations-only", AuditLevel.ViolationsOnly), ("actions", AuditLevel.Actions), ("all", AuditLevel.All))),
        new Member<AuditPolicy, bool>("redactContent", "Whether names of tools that a model has made up are recorded as hashes, and details of findings left out.", static part => part.RedactContent, static (part, value) => part with { RedactContent = value }, Flag),
        new Member<AuditPolicy, AuditContentMode>("content", "What records keep for aegis audit replay: none; hashed, no texts, so that tools and budgets can be replayed; encrypted, everything, sealed with contentKey.", static part => part.Content, static (part, value) => part with { Content = value }, new ChoiceShape<AuditContentMode>(("none", AuditContentMode.None), ("hashed", AuditContentMode.Hashed), ("encrypted", AuditContentMode.Encrypted))),
        new Member<AuditPolicy, string?>("contentKey", "Where the key of the content stands, 32 bytes at least: ${env:NAME} or ${config:PATH}; null: there is none.", static part => part.ContentKey, static (part, value) => part with { ContentKey = value }, new OptionalShape<string>(new TextShape(TextKind.Secret))),
        new Member<AuditPolicy, IReadOnlyList<string>>("transports", "Where records go: json-file, console, logger, otel (with the package Aegis.AI.OpenTelemetry), or names that the app registers with AddAuditTransport.", static part => part.Transports, static (part, value) => part with { Transports = value }, new ListShape(TextKind.Transport)),
        new Member<AuditPolicy, string>("path", "The file of json-file. One guard of one process writes it.", static part => part.Path, static (part, value) => part with { Path = value }, new TextShape(TextKind.File)),
        new Member<AuditPolicy, bool>("required", "Whether what cannot be recorded does not pass.", static part => part.Required, static (part, value) => part with { Required = value }, Flag),
        new Member<AuditPolicy, TimeSpan>("timeout", "How long an inspection waits for its record.", static part => part.Timeout, static (part, value) => part with { Timeout = value }, Duration),
        new Member<AuditPolicy, string?>("key", "Where the key of the chain stands, 32 bytes at least: ${env:NAME} or ${config:PATH}; null: see keys.", static part => part.Key, static (part, value) => part with { Key = value }, new OptionalShape<string>(new TextShape(TextKind.Secret))),
        new Member<AuditPolicy, IReadOnlyList<IntegrityKeyPolicy>>("keys", "Keys with ids. The first that has not expired signs.", static part => part.Keys, static (part, value) => part with { Keys = value }, new ItemsShape<IntegrityKeyPolicy>(IntegrityKey)),
        new Member<AuditPolicy, AuditRotationPolicy>("rotation", "When a new file begins. The chain goes on in it.", static part => part.Rotation, static (part, value) => part with { Rotation = value }, AuditRotation),
        new Member<AuditPolicy, AuditSync>("fsync", "When the file is forced onto the disk: never, with every checkpoint, or always before a record counts as written.", static part => part.Fsync, static (part, value) => part with { Fsync = value }, new ChoiceShape<AuditSync>(("never", AuditSync.Never), ("checkpoint", AuditSync.Checkpoint), ("always", AuditSync.Always))),
        new Member<AuditPolicy, AuditBackPressure>("backPressure", "What happens when the log cannot keep up or cannot write: block, inspections wait and then block where the log is required; drop-oldest-with-gap-record, old records are lost and counted; spill, records go to spillTo.", static part => part.BackPressure, static (part, value) => part with { BackPressure = value }, new ChoiceShape<AuditBackPressure>(("block", AuditBackPressure.Block), ("drop-oldest-with-gap-record", AuditBackPressure.DropOldest), ("spill", AuditBackPressure.Spill))),
        new Member<AuditPolicy, string?>("spillTo", "The file of spill; null: path with .spill before its extension.", static part => part.SpillTo, static (part, value) => part with { SpillTo = value }, new OptionalShape<string>(new TextShape(TextKind.File))),
        new Member<AuditPolicy, int>("checkpointRecords", "Records between two checkpoints, at most.", static part => part.CheckpointRecords, static (part, value) => part with { CheckpointRecords = value }, new NumberShape<int>(1, 1_000_000)),
        new Member<AuditPolicy, TimeSpan>("checkpointInterval", "Time between a record and the checkpoint behind it, at most.", static part => part.CheckpointInterval, static (part, value) => part with { CheckpointInterval = value }, Duration),
        new Member<AuditPolicy, string?>("checkpointTo", "Where copies of checkpoints go: a path, with a '/' or a '.', or the name of a transport; null: nowhere.", static part => part.CheckpointTo, static (part, value) => part with { CheckpointTo = value }, new OptionalShape<string>(new TextShape(TextKind.FileOrTransport))));

    private static readonly ObjectShape<AlertConditionPolicy> AlertCondition = new(
        static () => new(AlertConditionType.RateSpike, 0, TimeSpan.FromMinutes(1)),
        new Member<AlertConditionPolicy, AlertConditionType>("type", "What is counted: rate-spike, events of one type; session-kills, runs that were ended and sessions that were locked; cost-anomaly, what models cost; scan-block-rate, the share of scanned texts that were blocked; repeated-attacker, what one session or user has typed and what was blocked as an attack.", static part => part.Type, static (part, value) => part with { Type = value }, new ChoiceShape<AlertConditionType>(("rate-spike", AlertConditionType.RateSpike), ("session-kills", AlertConditionType.SessionKills), ("cost-anomaly", AlertConditionType.CostAnomaly), ("scan-block-rate", AlertConditionType.ScanBlockRate), ("repeated-attacker", AlertConditionType.RepeatedAttacker))) { IsRequired = true },
        new Member<AlertConditionPolicy, string?>("event", "Which events rate-spike counts.", static part => part.Event, static (part, value) => part with { Event = value }, new OptionalShape<string>(new TextShape(TextKind.EventType))),
        new Member<AlertConditionPolicy, decimal>("threshold", "More than this: a whole number, a sum of cost-anomaly, a share of scan-block-rate.", static part => part.Threshold, static (part, value) => part with { Threshold = value }, new NumberShape<decimal>(0, 1_000_000_000)) { IsRequired = true },
        new Member<AlertConditionPolicy, TimeSpan>("window", "In any window of this length.", static part => part.Window, static (part, value) => part with { Window = value }, Duration) { IsRequired = true },
        new Member<AlertConditionPolicy, int?>("minimum", "How many texts scan-block-rate wants; null: 20.", static part => part.Minimum, static (part, value) => part with { Minimum = value }, new OptionalValueShape<int>(new NumberShape<int>(1, 1_000_000))));

    private static readonly ObjectShape<AlertRulePolicy> AlertRule = new(
        static () => new("", null!),
        new Member<AlertRulePolicy, string>("id", "Its name, which stands in alerts.", static rule => rule.Id, static (rule, value) => rule with { Id = value }, new TextShape(TextKind.AlertId)) { IsRequired = true },
        new Member<AlertRulePolicy, AlertConditionPolicy>("condition", "When it fires: when there is more than the threshold in any window.", static rule => rule.Condition, static (rule, value) => rule with { Condition = value }, AlertCondition) { IsRequired = true },
        new Member<AlertRulePolicy, AlertScope?>("per", "For whom it counts apart; null: for each session in repeated-attacker, else for all together.", static rule => rule.Per, static (rule, value) => rule with { Per = value }, new OptionalValueShape<AlertScope>(new ChoiceShape<AlertScope>(("all", AlertScope.All), ("session", AlertScope.Session), ("principal", AlertScope.Principal), ("tenant", AlertScope.Tenant)))),
        new Member<AlertRulePolicy, AlertAction>("action", "What happens beside the event: a warning is logged, the alert is sent, or the app is called.", static rule => rule.Action, static (rule, value) => rule with { Action = value }, new ChoiceShape<AlertAction>(("log", AlertAction.Log), ("webhook", AlertAction.Webhook), ("callback", AlertAction.Callback))),
        new Member<AlertRulePolicy, string?>("webhookUrl", "Where it is sent, https and a public host: ${env:NAME} or ${config:PATH}; PagerDuty's, and one whose alerts are signed, may stand here.", static rule => rule.WebhookUrl, static (rule, value) => rule with { WebhookUrl = value }, new OptionalShape<string>(new TextShape(TextKind.Secret))),
        new Member<AlertRulePolicy, WebhookFormat?>("format", "What it is sent as; null: what the host speaks.", static rule => rule.Format, static (rule, value) => rule with { Format = value }, new OptionalValueShape<WebhookFormat>(new ChoiceShape<WebhookFormat>(("generic", WebhookFormat.Generic), ("slack", WebhookFormat.Slack), ("pagerduty", WebhookFormat.PagerDuty)))),
        new Member<AlertRulePolicy, string?>("secret", "What it is signed with, of PagerDuty the integration key: ${env:NAME} or ${config:PATH}; null: it is not signed, which only Slack's form may be.", static rule => rule.Secret, static (rule, value) => rule with { Secret = value }, new OptionalShape<string>(new TextShape(TextKind.Secret))),
        new Member<AlertRulePolicy, TimeSpan>("cooldown", "How long it is silent, for the same session, user or tenant, after it has fired.", static rule => rule.Cooldown, static (rule, value) => rule with { Cooldown = value }, Duration));

    private static readonly ObjectShape<AlertingPolicy> Alerting = new(
        static () => new(),
        new Member<AlertingPolicy, IReadOnlyList<AlertRulePolicy>>("rules", "The rules.", static part => part.Rules, static (part, value) => part with { Rules = value }, new ItemsShape<AlertRulePolicy>(AlertRule)));

    /// <summary>The whole document, without <c>version</c>, <c>extends</c> and <c>$schema</c>.</summary>
    public static ObjectShape<AegisPolicy> Root { get; } = new(
        static () => new(),
        new Member<AegisPolicy, string>("name", "Name, for events and messages.", static policy => policy.Name, static (policy, value) => policy with { Name = value }, new TextShape(TextKind.Name)),
        new Member<AegisPolicy, PolicyMode>("mode", "Whether verdicts are enforced; monitor decides and records, and never blocks; off inspects nothing.", static policy => policy.Mode, static (policy, value) => policy with { Mode = value }, new ChoiceShape<PolicyMode>(("enforce", PolicyMode.Enforce), ("monitor", PolicyMode.Monitor), ("off", PolicyMode.Off))),
        new Member<AegisPolicy, OnBlock>("onBlock", "What the app sees when a request is blocked.", static policy => policy.OnBlock, static (policy, value) => policy with { OnBlock = value }, new ChoiceShape<OnBlock>(("refuse", OnBlock.Refuse), ("throw", OnBlock.Throw))),
        new Member<AegisPolicy, string>("refusalText", "The assistant's text when a request is refused.", static policy => policy.RefusalText, static (policy, value) => policy with { RefusalText = value }, new TextShape(TextKind.Words)),
        new Member<AegisPolicy, bool>("keepRaw", "Whether what leaves keeps the provider's raw objects, which nothing has inspected.", static policy => policy.KeepRaw, static (policy, value) => policy with { KeepRaw = value }, Flag),
        new Member<AegisPolicy, CapabilityPolicy>("capabilities", "Which tools may be called, by glob. deny before requireApproval before allow; what nothing allows is denied.", static policy => policy.Capabilities, static (policy, value) => policy with { Capabilities = value }, Capabilities),
        new Member<AegisPolicy, IReadOnlyDictionary<string, ToolPolicy>>("tools", "What is known of single tools, by glob; the most specific counts.", static policy => policy.Tools, static (policy, value) => policy with { Tools = value }, new MapShape<ToolPolicy>(Tool)),
        new Member<AegisPolicy, ToolIntegrityPolicy?>("toolIntegrity", "Whether tools stay what they were when they were approved: name, description, schema and annotations, per server; null switches it off.", static policy => policy.ToolIntegrity, static (policy, value) => policy with { ToolIntegrity = value }, new OptionalShape<ToolIntegrityPolicy>(ToolIntegrity)),
        new Member<AegisPolicy, IReadOnlyDictionary<string, RateLimit>>("limits", "How often tools may be called per session, by glob; all that match count.", static policy => policy.Limits, static (policy, value) => policy with { Limits = value }, new MapShape<RateLimit>(Limit)),
        new Member<AegisPolicy, AgentLoopPolicy>("agentLoop", "Budgets of a run: one turn of the user with all its steps, calls and sub-agents.", static policy => policy.AgentLoop, static (policy, value) => policy with { AgentLoop = value }, AgentLoop),
        new Member<AegisPolicy, DenialOfWalletPolicy?>("denialOfWallet", "Budgets of a session that cost money; null switches them off.", static policy => policy.DenialOfWallet, static (policy, value) => policy with { DenialOfWallet = value }, new OptionalShape<DenialOfWalletPolicy>(DenialOfWallet)),
        new Member<AegisPolicy, BudgetsPolicy?>("budgets", "Budgets of tenants, users, sessions, runs and sub-agents, inside each other; null: none.", static policy => policy.Budgets, static (policy, value) => policy with { Budgets = value }, new OptionalShape<BudgetsPolicy>(Budgets)),
        new Member<AegisPolicy, SessionPolicy>("session", "Who the conversation belongs to.", static policy => policy.Session, static (policy, value) => policy with { Session = value }, Session),
        new Member<AegisPolicy, InputPolicy>("input", "What may enter.", static policy => policy.Input, static (policy, value) => policy with { Input = value }, Input),
        new Member<AegisPolicy, OutputPolicy>("output", "What may leave.", static policy => policy.Output, static (policy, value) => policy with { Output = value }, Output),
        new Member<AegisPolicy, ScannerPolicy?>("scanner", "The text scanner; null switches it off.", static policy => policy.Scanner, static (policy, value) => policy with { Scanner = value }, new OptionalShape<ScannerPolicy>(Scanner)),
        new Member<AegisPolicy, AlignmentPolicy>("alignment", "Whether what an agent does serves what its user asked for.", static policy => policy.Alignment, static (policy, value) => policy with { Alignment = value }, Alignment),
        new Member<AegisPolicy, DataFlowPolicy>("dataFlow", "Which value may reach which argument.", static policy => policy.DataFlow, static (policy, value) => policy with { DataFlow = value }, DataFlow),
        new Member<AegisPolicy, JudgePolicy?>("judge", "When a judge is asked for a second opinion; null: never.", static policy => policy.Judge, static (policy, value) => policy with { Judge = value }, new OptionalShape<JudgePolicy>(Judge)),
        new Member<AegisPolicy, SandboxPolicy?>("sandbox", "When a tool's result is replaced by the data in it (tools.*.extract); null: never.", static policy => policy.Sandbox, static (policy, value) => policy with { Sandbox = value }, new OptionalShape<SandboxPolicy>(Sandbox)),
        new Member<AegisPolicy, IReadOnlyList<string>>("canaryTokens", "Words that no response and no call may say: ${env:NAME} or ${config:PATH}.", static policy => policy.CanaryTokens, static (policy, value) => policy with { CanaryTokens = value }, new ListShape(TextKind.Secret)),
        new Member<AegisPolicy, AutoRetryPolicy?>("autoRetry", "Whether the model is asked again when its response was blocked and nothing of it was shown; null: it is not.", static policy => policy.AutoRetry, static (policy, value) => policy with { AutoRetry = value }, new OptionalShape<AutoRetryPolicy>(AutoRetry)),
        new Member<AegisPolicy, RecoveryPolicy>("recovery", "What becomes of a conversation when something that its user typed was blocked as an attack.", static policy => policy.Recovery, static (policy, value) => policy with { Recovery = value }, Recovery),
        new Member<AegisPolicy, IntegrityPolicy?>("integrity", "Whether conversations that clients keep are signed, and verified when they come back; null: they are not.", static policy => policy.Integrity, static (policy, value) => policy with { Integrity = value }, new OptionalShape<IntegrityPolicy>(Integrity)),
        new Member<AegisPolicy, AuditPolicy?>("audit", "The audit log: what is recorded, where, and what happens when it cannot be; null: none.", static policy => policy.Audit, static (policy, value) => policy with { Audit = value }, new OptionalShape<AuditPolicy>(Audit)),
        new Member<AegisPolicy, AlertingPolicy?>("alerting", "Who is told when something happens too often; every event counts; null: nobody.", static policy => policy.Alerting, static (policy, value) => policy with { Alerting = value }, new OptionalShape<AlertingPolicy>(Alerting)))
    {
        Others = ["$schema", "version", "extends"],
    };
}
