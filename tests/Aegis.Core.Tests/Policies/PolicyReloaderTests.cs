using System.Collections.Concurrent;
using Aegis.Core.Tests.Sessions;
using Aegis.Events;
using Aegis.Policies;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Policies;

public sealed class PolicyReloaderTests : IEventSink, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-reload").FullName;
    private readonly ConcurrentQueue<AegisEvent> _events = [];

    void IEventSink.Write(AegisEvent e) => _events.Enqueue(e);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AChangedFileIsTakenUpABadOneIsRefusedOnceAndAGoodOneHeals()
    {
        var (file, time) = (Path.Combine(_folder, "p.json"), new FakeTimeProvider());
        File.WriteAllText(file, """{ "extends": "balanced", "input": { "maxLength": 10 } }""");
        using var guard = Given.Guard(AegisPolicy.Load(file), time, more: builder => builder.AddSink(this).ReloadFrom(file));
        Assert.Equal("input/length", await guard.RuleOf(new UserInput(new string('x', 11)), new("s")));
        Look();
        Assert.DoesNotContain(_events, static e => e.Type == EventTypes.PolicyReload);   // nothing has changed

        File.WriteAllText(file, """{ "extends": "balanced", "input": { "maxLength": 20 } }""");
        Look();
        Assert.Equal("passes", await guard.RuleOf(new UserInput(new string('x', 11)), new("s")));
        Assert.Equal(EventTypes.PolicyReload, _events.Last(static e => e.Checkpoint is null).Type);

        File.WriteAllText(file, """{ "extends": "balanced", "input": { "maxLenght": 30 } }""");
        Look();
        Look();
        Assert.Equal("passes", await guard.RuleOf(new UserInput(new string('x', 20)), new("s")));
        Assert.Single(_events, static e => e.Type == EventTypes.PolicyRefused);
        Assert.Equal("AEG110", Assert.Single(guard.Health.Mistakes).Code);
        var check = await new AegisHealthCheck(guard).CheckHealthAsync(new(), Given.Cancel);
        Assert.Contains("AEG110 $.input.maxLenght", guard.Health.ToString(), StringComparison.Ordinal);
        Assert.Equal((HealthStatus.Degraded, true), (check.Status, ((string[])check.Data["policy.mistakes"])[0].Contains("Did you mean 'maxLength'", StringComparison.Ordinal)));

        File.Delete(file);
        Look();
        Assert.Equal("AEG101", Assert.Single(guard.Health.Mistakes).Code);

        File.WriteAllText(file, """{ "extends": "balanced", "input": { "maxLength": 20 } }""");
        Look();
        Assert.Equal("Healthy", guard.Health.ToString());
        Assert.Equal(HealthStatus.Healthy, (await new AegisHealthCheck(guard).CheckHealthAsync(new(), Given.Cancel)).Status);
        guard.Dispose();
        File.WriteAllText(file, """{ "extends": "balanced", "input": { "maxLength": 40 } }""");
        Look();
        Assert.Equal(20, guard.Policy.Input.MaxLength);

        void Look() => time.Advance(TimeSpan.FromSeconds(4));   // two looks
    }

    [Fact]
    public void AFileThatIsExtendedIsWatchedToo()
    {
        var (below, file, time) = (Path.Combine(_folder, "base.yaml"), Path.Combine(_folder, "p.json"), new FakeTimeProvider());
        File.WriteAllText(below, "extends: balanced\ninput:\n  maxLength: 10\n");
        File.WriteAllText(file, """{ "extends": "base.yaml" }""");
        using var guard = Given.Guard(AegisPolicy.Load(file), time, more: builder => builder.ReloadFrom(file, TimeSpan.FromSeconds(30)));
        File.WriteAllText(below, "extends: balanced\ninput:\n  maxLength: 20\n");
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(10, guard.Policy.Input.MaxLength);   // seen once: somebody may still be writing it
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(20, guard.Policy.Input.MaxLength);
    }

    /// <summary>Promise P8: a thousand reloads under load, and every decision was made by one whole policy, which its event names.</summary>
    [Fact]
    public async Task EveryDecisionIsMadeByOneWholePolicy()
    {
        AegisPolicy[] policies = [Of("get", 5), Of("list", 9)];
        using var guard = Given.Guard(policies[0], more: builder => builder.AddSink(this));
        var hashes = policies.Select(PolicyCompiler.VersionOf).Select(static version => version.Hash).ToArray();
        using var done = new CancellationTokenSource();
        var load = Enumerable.Range(0, 3).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested || i < 100; i++)
            {
                await guard.InspectAsync(guard.Call(i % 2 == 0 ? "get" : "list", i), new($"s{worker}"), Given.Cancel);
                await guard.InspectAsync(new UserInput(new string('x', 7)), new($"s{worker}"), Given.Cancel);
            }
        })).ToArray();
        for (var i = 1; i <= 1_000; i++)
        {
            var next = policies[i % 2];
            guard.Replace(() => i % 10 == 0 ? throw new PolicyException([new("$", "bad")]) : next);
        }

        await done.CancelAsync();
        await Task.WhenAll(load);
        Assert.Contains(_events, e => e.PolicyHash == hashes[1] && e.Checkpoint is not null);
        Assert.All(_events.Where(static e => e.Checkpoint is not null), e =>
        {
            var version = Array.IndexOf(hashes, e.PolicyHash);
            var allowed = e.Checkpoint == Checkpoint.Input ? version == 1 : e.Tool == (version == 0 ? "get" : "list");
            Assert.Equal(allowed, e.Decision < Decision.Ask);
        });

        static AegisPolicy Of(string tool, int length) => Given.Open with { Capabilities = new() { Allow = [tool] }, Input = new() { MaxLength = length }, AgentLoop = new() { MaxDuration = TimeSpan.FromDays(1) } };
    }
}
