using Aegis.Flow;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Policies;

/// <summary>Budgets inside each other, ready to be charged. A level without any is null.</summary>
internal sealed class CompiledBudgets
{
    private readonly bool _countsEgress;

    public CompiledBudgets(BudgetsPolicy policy, PriceTable prices)
    {
        (Tenant, Principal, Session) = (Of("tenant", policy.Tenant), Of("principal", policy.Principal), Of("session", policy.Session));
        (Run, SubAgent) = (Of("run", policy.Run), Of("subAgent", policy.SubAgent));
        Prices = prices;
        LevelBudget?[] levels = [Tenant, Principal, Session, Run, SubAgent];
        _countsEgress = levels.Any(static level => level?.Egress is not null);
        CountsTokens = levels.Any(static level => level is { Tokens: not null } or { Cost: not null });
    }

    public LevelBudget? Tenant { get; }

    public LevelBudget? Principal { get; }

    public LevelBudget? Session { get; }

    public LevelBudget? Run { get; }

    public LevelBudget? SubAgent { get; }

    /// <summary>Whether tokens or cost are counted on any level.</summary>
    public bool CountsTokens { get; }

    private PriceTable Prices { get; }

    /// <summary>All of them, for people.</summary>
    public IEnumerable<string> Words => new[] { Tenant, Principal, Session, Run, SubAgent }.OfType<LevelBudget>().SelectMany(static level => level.All).Select(static budget => budget.Refusal().Detail!);

    /// <summary>What a piece of work spends, as this policy counts it.</summary>
    public Amounts AmountsOf(Work work, ToolRules tools) => new(work.Kind)
    {
        ToolCalls = work.Kind == WorkKind.Call ? 1 : 0,
        EgressBytes = _countsEgress && work.Call is { } call && Sends(call, tools) ? call.Arguments.Utf8.Length : 0,
        Tokens = work.Usage.Total,
        CostMicros = work.Usage.Total == 0 ? 0 : Prices.MicrosOf(work.Usage),
        IsBounded = work.IsBounded,
        Begins = work.Begins,
    };

    /// <summary>Whether the arguments of a call leave: it hands something to somebody, or reads from outside; or nobody knows what it does, and the policy does not say that it is no sink.</summary>
    private static bool Sends(ToolCall call, ToolRules tools)
    {
        var (_, actions, reach) = FlowGuard.DoingOf(call, tools);
        return reach is ToolReach.Fetch or ToolReach.Egress || (reach == ToolReach.Write && (actions.IsEmpty || tools.For(call).Declared?.Sink == true));
    }

    private static LevelBudget? Of(string level, AccountBudgetPolicy? policy) =>
        policy is null ? null : Of(level, policy.Window, policy.MaxToolCalls, policy.MaxTokens, policy.MaxCost, policy.MaxDuration, policy.MaxEgressBytes);

    private static LevelBudget? Of(string level, RunBudgetPolicy? policy) =>
        policy is null ? null : Of(level, TimeSpan.Zero, policy.MaxToolCalls, policy.MaxTokens, policy.MaxCost, policy.MaxDuration, policy.MaxEgressBytes);

    private static LevelBudget? Of(string level, TimeSpan window, long? calls, long? tokens, decimal? cost, TimeSpan? duration, long? egress) =>
        calls is null && tokens is null && cost is null && duration is null && egress is null ? null : new(
            Of(level, "tool-calls", "maxToolCalls", BudgetMeter.ToolCalls, calls, window),
            Of(level, "tokens", "maxTokens", BudgetMeter.Tokens, tokens, window),
            Of(level, "cost", "maxCost", BudgetMeter.CostMicros, (long?)(cost * 1_000_000), window),
            Of(level, "duration", "maxDuration", BudgetMeter.Duration, duration?.Ticks, window),
            Of(level, "egress", "maxEgressBytes", BudgetMeter.EgressBytes, egress, window));

    /// <summary>A run for which a call is too long may go on without it; one that has spent anything else may say a last word.</summary>
    private static Budget? Of(string level, string name, string setting, BudgetMeter meter, long? max, TimeSpan window) => max is null ? null
        : new($"budget/{name}", $"budgets.{level}.{setting}", FormattableString.Invariant($"budget/{level}/{name}/{window.Ticks}"), meter, max.Value, window) { Ends = meter == BudgetMeter.EgressBytes ? RunEnd.No : RunEnd.Gracefully };
}
