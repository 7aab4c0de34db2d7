using Aegis.Events;
using Aegis.Policies;
using Aegis.Tools;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests;

public class AegisServiceCollectionExtensionsTests
{
    private static readonly AegisPolicy Asks = new() { Name = "asks", Capabilities = new() { RequireApproval = ["pay"] } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AGuardTakesItsServicesFromTheProvider()
    {
        var (log, sink, approver, store, time) = (new FakeLogCollector(), new ListSink(), new Approver(), new MemorySessionStore(), new FakeTimeProvider(new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(log)))
            .AddSingleton<IEventSink>(sink).AddSingleton<IApprover>(approver).AddSingleton<ISessionStore>(store).AddSingleton<TimeProvider>(time);
        services.AddAegis(Asks);
        await using var provider = services.BuildServiceProvider();

        var outcome = await provider.GetRequiredService<AegisGuard>().InspectAsync(new ToolCall("pay", ToolArguments.Empty), new("s"), Cancel);

        Assert.True(outcome.MayProceed);
        Assert.Equal((1, 1), (approver.Asked, store.Count));
        Assert.Equal(2030, Assert.Single(sink.Events).Time.Year);
        Assert.Equal("Aegis", Assert.Single(log.GetSnapshot()).Category);
    }

    [Fact]
    public async Task WhatTheBuilderSaysComesFirstAndSinksAdd()
    {
        var (services, own, theirs) = (new ServiceCollection(), (Sink: new ListSink(), Approver: new Approver(), Store: new MemorySessionStore(), Log: new FakeLogCollector()), (Sink: new ListSink(), Approver: new Approver(), Store: new MemorySessionStore(), Log: new FakeLogCollector()));
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new FakeLoggerProvider(own.Log)));
        services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(theirs.Log)))
            .AddSingleton<IEventSink>(theirs.Sink).AddSingleton<IApprover>(theirs.Approver).AddSingleton<ISessionStore>(theirs.Store).AddSingleton<TimeProvider>(new FakeTimeProvider());
        services.AddAegis(Asks).UseApprover(own.Approver).UseSessionStore(own.Store).AddSink(own.Sink).UseLoggerFactory(loggers).UseTimeProvider(new FakeTimeProvider(new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<AegisGuard>().InspectAsync(new ToolCall("pay", ToolArguments.Empty), new("s"), Cancel);

        Assert.Equal((1, 1, 1), (own.Approver.Asked, own.Store.Count, own.Log.Count));
        Assert.Equal((0, 0, 0), (theirs.Approver.Asked, theirs.Store.Count, theirs.Log.Count));
        Assert.Equal(2030, Assert.Single(own.Sink.Events).Time.Year);
        Assert.Same(own.Sink.Events[0], Assert.Single(theirs.Sink.Events));
    }

    [Fact]
    public void WithoutAPolicyTheGuardIsBalancedAndTheLastOneCounts()
    {
        var services = new ServiceCollection();
        services.AddAegis();
        Assert.Equal("balanced", services.BuildServiceProvider().GetRequiredService<AegisGuard>().Policy.Name);

        services.AddAegis(Asks);
        using var provider = services.BuildServiceProvider();
        Assert.Equal("asks", Assert.Single(provider.GetServices<AegisGuard>()).Policy.Name);
        Assert.Same(provider.GetRequiredService<AegisGuard>(), provider.GetRequiredService<AegisGuard>());
    }

    [Fact]
    public async Task GuardsWithNamesStandBesideTheOneWithout()
    {
        var services = new ServiceCollection();
        services.AddAegis();
        services.AddAegis("support", AegisPolicy.Preset("customer-support")).UseApprover((_, _) => new(false));
        services.AddAegis("code", AegisPolicy.Preset("code-assistant"));
        await using var provider = services.BuildServiceProvider();

        Assert.Equal(("balanced", "customer-support", "code-assistant"), (
            provider.GetRequiredService<AegisGuard>().Policy.Name, provider.GetRequiredKeyedService<AegisGuard>("support").Policy.Name, provider.GetRequiredKeyedService<AegisGuard>("code").Policy.Name));
        Assert.Null(provider.GetKeyedService<AegisGuard>("Support"));
        Assert.Equal("approval/denied", (await provider.GetRequiredKeyedService<AegisGuard>("support").InspectAsync(new ToolCall("issue_refund", ToolArguments.Empty), new("s"), Cancel)).Verdict.Rule);
        Assert.Equal("approval/no-approver", (await provider.GetRequiredKeyedService<AegisGuard>("code").InspectAsync(new ToolCall("run_tests", ToolArguments.Empty), new("s"), Cancel)).Verdict.Rule);
    }

    [Fact]
    public void APolicyIsCheckedWhenItsGuardIsFirstResolved()
    {
        var services = new ServiceCollection();
        services.AddAegis(new AegisPolicy { Input = new() { MaxLength = 0 }, Output = new() { MaxLength = 0 } }).AddRulePack("{}");
        using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<PolicyException>(() => provider.GetRequiredService<AegisGuard>());
        Assert.Equal(["$.input.maxLength", "$.output.maxLength", "rule pack 1 $.pack", "rule pack 1 $.rules"], error.Errors.Select(static e => $"{e.Source} {e.Path}".Trim()));
    }

    [Fact]
    public void TheWarningThatNobodyCanBeAskedGoesToTheServicesLog()
    {
        var log = new FakeLogCollector();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(log)));
        services.AddAegis(Asks);
        using var provider = services.BuildServiceProvider();
        Assert.Equal(0, log.Count);

        provider.GetRequiredService<AegisGuard>();
        provider.GetRequiredService<AegisGuard>();
        Assert.Contains("no approver", Assert.Single(log.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddAegis((AegisPolicy)null!));
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddAegis("x", null!));
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddAegis("", new()));
        Assert.Throws<ArgumentNullException>(() => AegisServiceCollectionExtensions.AddAegis(null!, new AegisPolicy()));
    }

    private sealed class ListSink : IEventSink
    {
        public List<AegisEvent> Events { get; } = [];

        public void Write(AegisEvent e) => Events.Add(e);
    }

    private sealed class Approver : IApprover
    {
        public int Asked { get; private set; }

        public ValueTask<ApprovalAnswer> ApproveAsync(ApprovalRequest request, CancellationToken cancellationToken)
        {
            Asked++;
            return new(true);
        }
    }
}
