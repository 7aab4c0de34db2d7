using Aegis.AspNetCore.Health;
using Aegis.Policies;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.AspNetCore.Tests.Health;

public class AegisHealthChecksTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AGuardAndItsSessionsAreWell()
    {
        var report = await CheckAsync(static services => services.AddAegis());
        Assert.Equal(["aegis", "aegis-audit", "aegis-sessions"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(["ready"], report.Entries["aegis-sessions"].Tags);
        Assert.Equal(["ready"], report.Entries["aegis-audit"].Tags);
        Assert.Empty(report.Entries["aegis"].Tags);
    }

    [Fact]
    public async Task AStoreThatFailsIsUnhealthyAndKeepsItsAddress()
    {
        var report = await CheckAsync(static services =>
        {
            services.AddSingleton<ISessionStore, BrokenStore>();
            services.AddAegis();
        });
        Assert.Equal(HealthStatus.Healthy, report.Entries["aegis"].Status);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["aegis-sessions"].Status);
        Assert.Equal("sessions cannot be read: IOException", report.Entries["aegis-sessions"].Description);
        Assert.Null(report.Entries["aegis-sessions"].Exception);
    }

    /// <summary>As Redis does, a store may answer for a minute of what it knows.</summary>
    [Fact]
    public async Task AStoreThatOnlyRemembersIsNotThere()
    {
        var (store, time) = (new RememberingStore(), new FakeTimeProvider());
        await using var services = Services(services => services.AddSingleton<TimeProvider>(time).AddSingleton<ISessionStore>(store).AddAegis(), [null]).BuildServiceProvider();
        var health = services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Token)).Entries["aegis-sessions"].Status);
        store.IsAway = true;
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Token)).Entries["aegis-sessions"].Status);   // whoever asks more than once a second hears the same
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Token)).Entries["aegis-sessions"].Status);
    }

    [Fact]
    public async Task WhereThePolicyBridgesAnOutageAStoreThatFailsTakesNoInstanceAway()
    {
        var report = await CheckAsync(static services =>
        {
            services.AddSingleton<ISessionStore, BrokenStore>();
            services.AddAegis(AegisPolicy.Preset("balanced") with { Session = new() { Outage = new() } });
        });
        Assert.Equal(HealthStatus.Degraded, report.Entries["aegis-sessions"].Status);
    }

    [Fact]
    public async Task ARequiredAuditLogThatDoesNotWorkTakesTheInstanceAwayBeforeAnybodyComes()
    {
        var folder = Directory.CreateTempSubdirectory("aegis-health");
        try
        {
            var file = Path.Combine(folder.FullName, "no-folder");
            await File.WriteAllTextAsync(file, "", Token);
            await using var services = Services(services => services.AddAegis(AegisPolicy.Preset("permissive") with { Audit = new() { Path = Path.Combine(file, "audit.jsonl"), Required = true, Timeout = TimeSpan.FromSeconds(1) } }), [null]).BuildServiceProvider();
            var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);   // which makes the guard
            while (report.Entries["aegis-audit"].Status != HealthStatus.Unhealthy || report.Entries["aegis"].Status != HealthStatus.Unhealthy)
            {
                Token.ThrowIfCancellationRequested();
                report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
            }

            Assert.DoesNotContain(folder.FullName, report.Entries["aegis-audit"].Description, StringComparison.Ordinal);
            Assert.Equal(HealthStatus.Healthy, report.Entries["aegis-sessions"].Status);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AStoreThatHangsIsUnhealthyAfterTwoSeconds()
    {
        var time = new FakeTimeProvider();
        var check = new SessionStoreHealthCheck(AegisGuard.Create(AegisPolicy.Preset("balanced"), static aegis => aegis.UseSessionStore(new HangingStore())), time);
        var checking = check.CheckHealthAsync(new() { Registration = new("sessions", check, HealthStatus.Unhealthy, null) }, Token);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(checking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(HealthStatus.Unhealthy, (await checking).Status);
    }

    [Fact]
    public async Task EveryGuardHasChecksOfItsName()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("policies:support:extends", "customer-support"), new("policies:internal:extends", "internal-tool")]).Build();
        await using var services = Services(services => services.AddAegis(configuration), "support", "internal").BuildServiceProvider();
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        Assert.Equal(["aegis-audit-internal", "aegis-audit-support", "aegis-internal", "aegis-sessions-internal", "aegis-sessions-support", "aegis-support"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(HealthStatus.Healthy, report.Status);
    }

    [Fact]
    public async Task APolicyThatWasRefusedIsDegraded()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{ "version": 1, "extends": "balanced" }""", Token);
            var time = new FakeTimeProvider();
            await using var services = Services(services => services.AddSingleton<TimeProvider>(time).AddAegis(AegisPolicy.Parse(File.ReadAllText(file), PolicyFormat.Json)).ReloadFrom(file), [null]).BuildServiceProvider();
            var health = services.GetRequiredService<HealthCheckService>();
            Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Token)).Status);
            await File.WriteAllTextAsync(file, """{ "version": 1, "extends": "nothing-of-this-name" }""", Token);
            var guard = services.GetRequiredService<AegisGuard>();
            while (!guard.Health.IsDegraded)
            {
                Token.ThrowIfCancellationRequested();
                time.Advance(TimeSpan.FromSeconds(2));
                await Task.Yield();
            }

            Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync(Token)).Entries["aegis"].Status);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<HealthReport> CheckAsync(Action<IServiceCollection> add)
    {
        await using var services = Services(add, [null]).BuildServiceProvider();
        return await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
    }

    private sealed class RememberingStore : ISessionStore
    {
        private readonly HashSet<SessionId> _known = [];

        public bool IsAway { get; set; }

        public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken) =>
            _known.Contains(id) || (!IsAway && _known.Add(id)) ? new(SessionState.Empty) : throw new TimeoutException();

        public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken) => throw new TimeoutException();
    }

    private static ServiceCollection Services(Action<IServiceCollection> add, params string?[] policies)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        add(services);
        foreach (var policy in policies)
        {
            services.AddHealthChecks().AddAegis(policy);
        }

        return services;
    }
}
