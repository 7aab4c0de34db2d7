using System.Collections.Frozen;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;

namespace Aegis;

/// <summary>Everything that data can say about how an agent is guarded. Immutable; compiled once, by <see cref="AegisGuard.Create"/>, which refuses it with every mistake at once.</summary>
public sealed record AegisPolicy
{
    /// <summary>Name, for events and messages.</summary>
    /// <value><c>custom</c>.</value>
    public string Name { get; init; } = "custom";

    /// <summary>Whether verdicts are enforced.</summary>
    /// <value><see cref="PolicyMode.Enforce"/>.</value>
    public PolicyMode Mode { get; init; }

    /// <summary>What the app sees when a request is blocked.</summary>
    /// <value><see cref="OnBlock.Refuse"/>.</value>
    public OnBlock OnBlock { get; init; }

    /// <summary>The assistant's text when a request is refused.</summary>
    /// <value>"I can't help with that request."</value>
    public string RefusalText { get; init; } = "I can't help with that request.";

    /// <summary>Whether what leaves keeps the provider's raw objects, which nothing has inspected.</summary>
    /// <value><see langword="false"/>. The presets <c>strict</c> and <c>paranoid</c> refuse it.</value>
    public bool KeepRaw { get; init; }

    /// <summary>Which tools may be called.</summary>
    /// <value>None.</value>
    public CapabilityPolicy Capabilities { get; init; } = new();

    /// <summary>What is known of single tools, by glob. Of several matches the most specific counts.</summary>
    /// <value>Nothing.</value>
    public IReadOnlyDictionary<string, ToolPolicy> Tools { get; init; } = new Dictionary<string, ToolPolicy>();

    /// <summary>Whether tools stay what they were when they were approved.</summary>
    /// <value>The defaults of <see cref="ToolIntegrityPolicy"/>; <see langword="null"/> switches it off.</value>
    public ToolIntegrityPolicy? ToolIntegrity { get; init; } = new();

    /// <summary>How often tools may be called per session, by glob. All that match count; tools of one glob share its limit.</summary>
    /// <value>Nothing.</value>
    public IReadOnlyDictionary<string, RateLimit> Limits { get; init; } = new Dictionary<string, RateLimit>();

    /// <summary>Budgets of a run.</summary>
    public AgentLoopPolicy AgentLoop { get; init; } = new();

    /// <summary>Budgets of a session that cost money.</summary>
    /// <value>The defaults of <see cref="DenialOfWalletPolicy"/>; <see langword="null"/> switches them off.</value>
    public DenialOfWalletPolicy? DenialOfWallet { get; init; } = new();

    /// <summary>Budgets of tenants, users, sessions, runs and sub-agents, inside each other.</summary>
    /// <value><see langword="null"/>: none.</value>
    public BudgetsPolicy? Budgets { get; init; }

    /// <summary>Who the conversation belongs to.</summary>
    public SessionPolicy Session { get; init; } = new();

    /// <summary>What may enter.</summary>
    public InputPolicy Input { get; init; } = new();

    /// <summary>What may leave.</summary>
    public OutputPolicy Output { get; init; } = new();

    /// <summary>The text scanner.</summary>
    /// <value>The defaults of <see cref="ScannerPolicy"/>; <see langword="null"/> switches it off.</value>
    public ScannerPolicy? Scanner { get; init; } = new();

    /// <summary>Whether what an agent does serves what its user asked for.</summary>
    public AlignmentPolicy Alignment { get; init; } = new();

    /// <summary>Which value may reach which argument.</summary>
    public DataFlowPolicy DataFlow { get; init; } = new();

    /// <summary>When a judge is asked for a second opinion. Without one, see <see cref="AegisBuilder.UseJudge"/>, the policy is refused at start.</summary>
    /// <value><see langword="null"/>: never.</value>
    public JudgePolicy? Judge { get; init; }

    /// <summary>When a tool's result is replaced by the data in it: see <see cref="ToolPolicy.Extract"/>. Without an extractor, see <see cref="AegisBuilder.UseExtractor"/>, the policy is refused at start.</summary>
    /// <value><see langword="null"/>: never.</value>
    public SandboxPolicy? Sandbox { get; init; }

    /// <summary>Words that no response and no call may say: <c>${env:NAME}</c>, <c>${config:PATH}</c>, or in code the token itself; 8 letters and digits at least, 128 characters at most. <c>aegis canary new</c> makes one.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> CanaryTokens { get; init; } = [];

    /// <summary>Whether the model is asked again when its response was blocked.</summary>
    /// <value><see langword="null"/>: it is not.</value>
    public AutoRetryPolicy? AutoRetry { get; init; }

    /// <summary>What becomes of a conversation when something that its user typed was blocked as an attack.</summary>
    public RecoveryPolicy Recovery { get; init; } = new();

    /// <summary>How blocked answers are asked for again, by whichever member says so; null: they are not.</summary>
    internal AutoRetryPolicy? Retry => AutoRetry ?? (Recovery?.Mode == RecoveryMode.AutoRetry ? new() : null);

    /// <summary>Whether conversations that clients keep are signed, and verified when they come back.</summary>
    /// <value><see langword="null"/>: they are taken as they come.</value>
    public IntegrityPolicy? Integrity { get; init; }

    /// <summary>The audit log.</summary>
    /// <value><see langword="null"/>: there is none; events go to the app's log and sinks alone.</value>
    public AuditPolicy? Audit { get; init; }

    /// <summary>Who is told when something happens too often.</summary>
    /// <value><see langword="null"/>: nobody.</value>
    public AlertingPolicy? Alerting { get; init; }

    /// <summary>Whether it comes from a preset that refuses what lets something out unread.</summary>
    internal bool IsHardened { get; init; }

    /// <summary>Whether nothing of a tool's result goes on but data.</summary>
    internal bool OnlyData { get; init; }

    /// <summary>The policy that the document extends.</summary>
    internal AegisPolicy? Extends { get; init; }

    /// <summary>Where the members stand in the documents that made it.</summary>
    internal IReadOnlyDictionary<string, DocumentPosition> Places { get; init; } = FrozenDictionary<string, DocumentPosition>.Empty;

    /// <summary>A preset by name: <c>strict</c>, <c>balanced</c>, <c>permissive</c>, <c>customer-support</c>, <c>code-assistant</c>, <c>paranoid</c>.</summary>
    /// <param name="name">The name, exactly.</param>
    /// <returns>The preset.</returns>
    /// <exception cref="PolicyException">There is no such preset; the message names it and the ones there are.</exception>
    public static AegisPolicy Preset(string name) => Presets.Get(name);

    /// <summary>Whether this policy only narrows another one: whatever it lets pass, the other one lets pass too. Sound for calls of tools that a run has, not complete: what cannot be shown counts as wider.</summary>
    /// <param name="other">The wider policy, for example a tenant's parent.</param>
    /// <returns><see langword="true"/>: nothing passes here that does not pass there.</returns>
    /// <exception cref="PolicyException">One of the two has mistakes.</exception>
    public bool IsNarrowerThan(AegisPolicy other)
    {
        ArgumentNullException.ThrowIfNull(other);
        PolicyCompiler.ThrowIfWrong(this);
        PolicyCompiler.ThrowIfWrong(other);
        return PolicyComparison.Widenings(this, other).Count == 0;
    }

    /// <summary>Reads a policy document, and those that it extends, from files. What it does not say is as in what it extends; without <c>extends</c> as in a new record, which allows no tool.</summary>
    /// <param name="path">The file: <c>.json</c>, <c>.yaml</c> or <c>.yml</c>, UTF-8, at most 256 KiB.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="PolicyException">The file cannot be read or has mistakes; all of them are named, with file, line and column.</exception>
    public static AegisPolicy Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return PolicyLoader.Load(path);
    }

    /// <summary>Reads a policy document, which can extend presets.</summary>
    /// <param name="text">The document.</param>
    /// <param name="format">What it is written in.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="PolicyException">The document has mistakes; all of them are named, with line and column.</exception>
    public static AegisPolicy Parse(string text, PolicyFormat format)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PolicyLoader.Parse(text, format, format == PolicyFormat.Json ? "policy.json" : "policy.yaml", "custom");
    }
}
