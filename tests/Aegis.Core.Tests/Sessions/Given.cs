using Aegis.Guarding;
using Aegis.Tools;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Sessions;

/// <summary>What tests of the ledger, tools and policies start from.</summary>
internal static class Given
{
    /// <summary>Every tool, no wallet, no scanner: what a test is about stands in its <c>with</c>.</summary>
    public static AegisPolicy Open { get; } = new() { Capabilities = new() { Allow = ["*"] }, DenialOfWallet = null, Scanner = null };

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static AegisGuard Guard(AegisPolicy policy, FakeTimeProvider? time = null, ISessionStore? store = null, Action<AegisBuilder>? more = null) => AegisGuard.Create(policy, builder =>
    {
        builder.UseTimeProvider(time ?? new FakeTimeProvider());
        if (store is not null)
        {
            builder.UseSessionStore(store);
        }

        more?.Invoke(builder);
    });

    public static Toolset Tools(this AegisGuard guard, params string[] names) => guard.ToolsetOf(names.Select(static name => new ToolInfo(name)));

    public static ToolArguments Arguments(params (string Key, object? Value)[] members) =>
        ToolArguments.From(members.Select(static member => KeyValuePair.Create(member.Key, member.Value)));

    public static ToolCall Call(this AegisGuard guard, string tool, object? argument = null) =>
        new(tool, Arguments(("n", argument))) { Tools = guard.Tools(tool) };

    public static AegisRun Run(this AegisGuard guard, SessionId? session, AegisRun? parent = null, bool byMessages = false) => new(guard, session, parent, byMessages);

    public static async Task<Inspection> InspectAsync(this AegisRun run, Subject subject) => await run.Guard.Pipeline.InspectAsync(subject, run, Cancel);

    /// <summary>The rule that stopped it, or "passes".</summary>
    public static async Task<string> RuleOf(this AegisRun run, Subject subject) => (await run.InspectAsync(subject)) is { MayProceed: false } stopped ? stopped.Verdict.Rule! : "passes";

    /// <summary>The rule that stopped it, or "passes".</summary>
    public static async Task<string> RuleOf<T>(this AegisGuard guard, T subject, SessionId session)
        where T : Subject => (await guard.InspectAsync(subject, session, Cancel)) is { MayProceed: false } stopped ? stopped.Verdict.Rule! : "passes";

    /// <summary>One step of a run: the model is asked and answers with a call.</summary>
    public static async Task<string> Step(this AegisRun run) =>
        await run.RuleOf(new ModelStep(Toolset.Empty)) is var rule and not "passes" ? rule : await run.RuleOf(new ModelOutput("") { Calls = 1 });
}
