using Aegis.Alerting;
using Aegis.Answers;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Guarding;
using Aegis.Integrity;
using Aegis.Judging;
using Aegis.Scanning;
using Aegis.Scanning.Sensitive;
using Aegis.Tools;

namespace Aegis.Policies;

/// <summary>A policy, ready to decide. Immutable.</summary>
internal sealed class CompiledPolicy
{
    public required AegisPolicy Source { get; init; }

    public required GuardList Guards { get; init; }

    public required ToolRules Tools { get; init; }

    public required RunLimits Run { get; init; }

    /// <summary>What every model step must find left.</summary>
    public required Spend[] Gates { get; init; }

    public required Budget? Tokens { get; init; }

    public required Budget? Cost { get; init; }

    public required PriceTable Prices { get; init; }

    /// <summary>What models cost, for events; null: the policy has no prices.</summary>
    public PriceTable? Costs { get; init; }

    /// <summary>Who is told when something happens too often.</summary>
    public IReadOnlyList<AlertRule> Alerts { get; init; } = [];

    /// <summary>Budgets inside each other; null: there are none.</summary>
    public CompiledBudgets? Budgets { get; init; }

    /// <summary>Whether tokens or cost are counted, so that they are set aside before a model is asked.</summary>
    public bool CountsTokens => Tokens is not null || Cost is not null || Budgets is { CountsTokens: true };

    /// <summary>Guards that say how much of an answer they have read for good.</summary>
    public required IReadOnlyList<IOutputReader> OutputReaders { get; init; }

    /// <summary>Whether a sieve spares some of them most texts.</summary>
    public bool IsSieved => OutputReaders.Any(static reader => reader.Lanes != 0);

    /// <summary>Whether nothing but the length of an answer is judged while it streams.</summary>
    public required bool OnlyCountsOutput { get; init; }

    /// <summary>Whether what hangs on an answer unread (citations, properties), and what is no text, may leave with it: where neither a pattern of the policy nor a guard of the app's own reads answers.</summary>
    public required bool KeepsUnread { get; init; }

    public required PolicyVersion Version { get; init; }

    /// <summary>Whether what enters a session is remembered, to say where arguments come from.</summary>
    public bool TracksFlow { get; init; }

    /// <summary>Whether the end of what enters is remembered, to be read together with what follows.</summary>
    public bool JoinsTexts { get; init; }

    /// <summary>Pieces of canary tokens, which are counted in what goes out; null: there are no tokens.</summary>
    public CanaryFragments? Fragments { get; init; }

    /// <summary>Whether answers are compared with the instructions.</summary>
    public bool ProtectsInstructions { get; init; }

    /// <summary>What judges an answer that takes the place of a blocked one; null: none does.</summary>
    public CompiledPolicy? Stricter { get; init; }

    /// <summary>Whether personal data that a user types stands behind placeholders.</summary>
    public bool HasPlaceholders { get; init; }

    /// <summary>What looks for personal data in arguments; null: nothing.</summary>
    public PersonalArgumentsGuard? PersonalArguments { get; init; }

    /// <summary>What judges texts that a user types together; null: each is judged alone.</summary>
    public Trajectory? Trajectory { get; init; }

    /// <summary>The share of what is left that may be spent while the store is away; null: nothing.</summary>
    public double? LocalShare { get; init; }

    /// <summary>When attacks lock; null: never.</summary>
    public LockRule? Locks { get; init; }

    /// <summary>What conversations are signed with; null: they are not.</summary>
    public HistoryKeys? HistoryKeys { get; init; }

    /// <summary>What is recorded, and how; null: nothing.</summary>
    public CompiledAudit? Audit { get; init; }

    public bool IsOff => Source.Mode == PolicyMode.Off;

    public bool IsMonitor => Source.Mode == PolicyMode.Monitor;

    /// <summary>When a judge is asked; null: never.</summary>
    public JudgeRules? Judge { get; init; }

    /// <summary>What every tool, sandbox and judge call counts on; null: nothing does.</summary>
    public Budget? Operations { get; init; }

    /// <summary>What every call of a sandbox counts on; null: nothing does.</summary>
    public Budget? SandboxTriggers { get; init; }

    /// <summary>Whether text from outside enters the model only marked.</summary>
    public bool Marks => Source is { Input.RequireQuarantine: true, Mode: PolicyMode.Enforce };

    /// <summary>Whether an answer is shown when it is whole.</summary>
    public bool IsBuffered => Source.Output.Delivery == OutputDelivery.Buffered;

    public int MaxOutput => Source.Output.MaxLength;

    /// <summary>The schema of the data that takes a result's place; null: none does. Only what is written in a result can be left behind so: what blocks it for another reason stands.</summary>
    public ExtractionSchema? ExtractionOf(ToolResult result, Verdict verdict) =>
        Source.Sandbox is { } sandbox && Tools.For(result) is { Extracts: { } schema, AlwaysExtracts: var always }
        && (always || Source.OnlyData || (result.MediaRisk is null && verdict.Risk >= sandbox.Threshold))
        && verdict.Findings.All(static finding => finding.Decision < Decision.Block || (finding.Category is not null && finding.Ends == RunEnd.No)) ? schema : null;

    /// <summary>The tools that a run may see at a step counted from 1.</summary>
    public Toolset Visible(Toolset tools, int step) => tools.Where(Tools, Run.Fraction(step));

    public Charge ChargeFor(Subject subject, AegisRun run, DateTimeOffset now)
    {
        var charge = new Charge { Now = now, Run = run.Ticket, Limits = Run, NeverRefuse = IsMonitor };
        return subject switch
        {
            ToolCall call => charge with { Advances = true, Spends = Tools.For(call).Spends, Call = call.Arguments.CallHash(call.Tool), Labels = TracksFlow ? Tools.LabelsOf(call) : SessionLabels.None },
            ToolResult result when TracksFlow && (result.Text.Length > 0 || result.MediaRisk is not null) => charge with { Call = result.CallHash, Result = result.CallHash == 0 ? 0 : HashOf(result.Text), Labels = Tools.LabelsOf(result) },
            ToolResult { CallHash: not 0 } result => charge with { Call = result.CallHash, Result = HashOf(result.Text) },
            UserInput { Role: InputRole.Other, IsJoined: false } input when input.Text.Length > 0 || input.MediaRisk is not null => charge with { Labels = TracksFlow ? SessionLabels.Untrusted : SessionLabels.None },
            ModelStep step => charge with { Advances = !step.Closing, Closing = step.Closing, Spends = Gates },
            ModelOutput output => charge with { Step = output.Calls > 0, Spends = SpendsOf(output.Usage) },
            _ => charge,
        };
    }

    /// <summary>What one call of a judge or the sandbox spends, before it is known what it costs.</summary>
    public Spend[] AdvanceFor(Helper helper, TokenUsage estimate) =>
        [.. new[] { Operations, helper == Helper.Sandbox ? SandboxTriggers : null }.OfType<Budget>().Select(static budget => new Spend(budget, 1)), .. (SpendsOf(estimate) ?? []).Select(static spend => spend with { InAdvance = true })];

    /// <summary>What was spent beyond an advance, or less than it.</summary>
    public Spend[] RestOf(TokenUsage estimate, TokenUsage usage)
    {
        var (advance, spent) = (SpendsOf(estimate) ?? [], SpendsOf(usage) ?? []);
        return [.. spent.Select(spend => spend with { Amount = spend.Amount - advance.FirstOrDefault(other => other.Budget == spend.Budget).Amount }).Where(static spend => spend.Amount != 0)];
    }

    /// <summary>What a model has cost, in millionths; 0 without prices.</summary>
    public long CostOf(TokenUsage usage) => Costs is null ? 0 : Work.Sane(usage) is { Total: > 0 } sane ? Costs.MicrosOf(sane) : 0;

    /// <summary>What a model uses of the session's wallet; null: nothing counts it.</summary>
    public Spend[]? SpendsOf(TokenUsage usage)
    {
        usage = Work.Sane(usage);
        if (usage.Total == 0 || (Tokens is null && Cost is null))
        {
            return null;
        }

        var spends = new List<Spend>(2);
        if (Tokens is not null)
        {
            spends.Add(new(Tokens, usage.Total));
        }

        if (Cost is not null)
        {
            spends.Add(new(Cost, Prices.MicrosOf(usage)));
        }

        return [.. spends];
    }

    private static ulong HashOf(string text)
    {
        var hash = Fnv.Start;
        foreach (var c in text)
        {
            hash = Fnv.Add(hash, c);
        }

        return hash | 1;
    }
}
