using System.Text;
using Aegis.Policies;
using Aegis.Policies.Documents;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aegis.Core.Tests.Policies.Documents;

public class ConfigurationOriginTests
{
    private const string Base = """
        { "Aegis": { "policies": {
            "default": { "extends": "balanced", "capabilities": { "allow": ["search", "read_*", "send_mail"], "deny": ["delete_*"] }, "input": { "maxLength": 5000, "blockPatterns": ["one", "two"] }, "agentLoop": { "privilegeDecay": { "5": 0.5 } } },
            "support": { "extends": "default", "onBlock": "throw" } } } }
        """;

    [Fact]
    public void AnOverlayCanNarrowEveryListAndAnEmptyListIsKept()
    {
        var policy = Load("default", Base, """{ "Aegis": { "policies": { "default": { "capabilities": { "allow": ["search"], "deny!": [] }, "input": { "blockPatterns": [] } } } } }""");
        Assert.Equal(["search"], policy.Capabilities.Allow);
        Assert.Empty(policy.Capabilities.Deny);
        Assert.Empty(policy.Input.BlockPatterns);
        Assert.Equal(5_000, policy.Input.MaxLength);   // what the overlay does not say stays
        Assert.Equal(0.5, policy.AgentLoop.PrivilegeDecay[5]);
    }

    [Fact]
    public void DenyAddsWithinOneDocumentAndTheLastProviderSaysTheWholeDocumentsList()
    {
        var policy = Load("default", Base, """{ "Aegis": { "policies": { "default": { "extends": "customer-support", "capabilities": { "deny": ["pay_*"] } } } } }""");
        Assert.Equal(["delete_*", "admin_*", "modify_user", "pay_*"], policy.Capabilities.Deny);
    }

    [Fact]
    public void APolicyExtendsAnotherOneOfTheSameConfiguration()
    {
        var policy = Load("SUPPORT", Base);
        Assert.Equal((OnBlock.Throw, 5_000, "support"), (policy.OnBlock, policy.Input.MaxLength, policy.Name));
        Assert.Equal(["search", "read_*", "send_mail"], policy.Capabilities.Allow);
    }

    [Fact]
    public void MistakesNameProviderAndKey()
    {
        var errors = Assert.Throws<PolicyException>(() => Load("default", Base, """{ "Aegis": { "policies": { "default": { "mode": "enforced", "agentLoop": { "maxStep": 3, "maxDuration": "1 hour" }, "input": { "maxLength": "many" } } } } }""")).Errors;
        Assert.Equal(["AEG110", "AEG111", "AEG113", "AEG115"], errors.Select(static error => error.Code).Order(StringComparer.Ordinal));
        Assert.All(errors, static error => Assert.Matches("JsonStreamConfigurationProvider Aegis:policies:default:", error.Source));
    }

    [Fact]
    public void EnvironmentVariablesInAnyCaseAreMembers()
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Base)))
            .AddInMemoryCollection(new Dictionary<string, string?> { ["AEGIS:POLICIES:DEFAULT:INPUT:MAXLENGTH"] = "77", ["AEGIS:POLICIES:DEFAULT:CAPABILITIES:ALLOW:0"] = "search", ["AEGIS:POLICIES:DEFAULT:SCANNER:SCANTOOLPARAMS"] = "False" }).Build();
        var policy = PolicyLoader.Load(new ConfigurationOrigin(configuration.GetSection("Aegis")), "default");
        Assert.Equal((77, false), (policy.Input.MaxLength, policy.Scanner!.ScanToolParams));
        Assert.Equal(["search"], policy.Capabilities.Allow);
    }

    [Fact]
    public void CirclesAndMissingPoliciesAreRefused()
    {
        Assert.Contains("Break the circle", Assert.Throws<PolicyException>(() => Load("a", """{ "Aegis": { "policies": { "a": { "extends": "b" }, "b": { "extends": "a" } } } }""")).Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'support'", Assert.Throws<PolicyException>(() => Load("suport", Base)).Message, StringComparison.Ordinal);
        Assert.Throws<PolicyException>(() => new ServiceCollection().AddAegis(new ConfigurationBuilder().Build().GetSection("Aegis")));
        Assert.Throws<PolicyException>(() => new ConfigurationOrigin(new Moq.Mock<IConfigurationSection>().Object));
    }

    [Fact]
    public async Task EveryPolicyOfASectionIsAGuardAndTheDefaultOneIsForAll()
    {
        var services = new ServiceCollection();
        services.AddAegis(Root(Base).GetSection("Aegis")).UseApprover(static (_, _) => new(true));
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("default", provider.GetRequiredService<AegisGuard>().Policy.Name);
        Assert.Equal(OnBlock.Throw, provider.GetRequiredKeyedService<AegisGuard>("support").Policy.OnBlock);
        await provider.GetRequiredService<AegisGuard>().Sessions.BanAsync(new SessionId("mallory"));
        Assert.Equal("session/banned", (await provider.GetRequiredKeyedService<AegisGuard>("support").InspectAsync(new UserInput("hi"), new("mallory"), TestContext.Current.CancellationToken)).Verdict.Rule);
    }

    [Fact]
    public async Task AHostWithAPolicyThatHasMistakesDoesNotStart()
    {
        var services = new ServiceCollection();
        services.AddAegis(Root("""{ "Aegis": { "policies": { "a": { "mode": "enforced" }, "b": { "onBlock": "explode" } } } }""").GetSection("Aegis"));
        await using var provider = services.BuildServiceProvider();
        var mistakes = Assert.Throws<PolicyException>(() => provider.GetRequiredService<IStartupValidator>().Validate()).Errors;
        Assert.Equal(["$.mode", "$.onBlock"], mistakes.Select(static error => error.Path));   // of all policies at once
    }

    [Fact]
    public void AChangedConfigurationIsTakenUpAndABadOneIsNot()
    {
        var source = new Dictionary<string, string?> { ["Aegis:policies:default:extends"] = "balanced", ["Aegis:policies:default:input:maxLength"] = "10" };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(source).Build();
        var services = new ServiceCollection();
        services.AddAegis(configuration.GetSection("Aegis"));
        using var provider = services.BuildServiceProvider();
        var guard = provider.GetRequiredService<AegisGuard>();
        configuration["Aegis:policies:default:input:maxLength"] = "20";
        configuration.Reload();
        Assert.Equal(20, guard.Policy.Input.MaxLength);
        configuration["Aegis:policies:default:input:maxLength"] = "none";
        configuration.Reload();
        Assert.Equal((20, true), (guard.Policy.Input.MaxLength, guard.Health.IsDegraded));
        configuration["Aegis:policies:default:input:maxLength"] = "30";
        configuration.Reload();
        Assert.Equal((30, false), (guard.Policy.Input.MaxLength, guard.Health.IsDegraded));
    }

    [Fact]
    public void AFileThatBreaksWhileTheAppRunsWidensNothing()
    {
        var folder = Directory.CreateTempSubdirectory("aegis-configuration").FullName;
        try
        {
            var (file, overlay) = (Path.Combine(folder, "appsettings.json"), Path.Combine(folder, "appsettings.Production.json"));
            File.WriteAllText(file, Base);
            File.WriteAllText(overlay, """{ "Aegis": { "policies": { "default": { "capabilities": { "allow": ["search"] } } } } }""");
            var configuration = new ConfigurationBuilder().AddJsonFile(file).AddJsonFile(overlay).Build();
            var services = new ServiceCollection();
            services.AddAegis(configuration.GetSection("Aegis"));
            using var provider = services.BuildServiceProvider();
            var guard = provider.GetRequiredService<AegisGuard>();

            File.WriteAllText(overlay, """{ "Aegis": { "policies": { """);
            Invoke(typeof(FileConfigurationProvider), "Load", configuration.Providers.Last(), true);   // as a watched file does: empties itself, then throws
            Invoke(typeof(ConfigurationRoot), "RaiseChanged", configuration);                          // and some other provider changes
            Assert.Equal(["search"], guard.Policy.Capabilities.Allow);
            Assert.True(guard.Health.IsDegraded);

            File.WriteAllText(overlay, """{ "Aegis": { "policies": { "default": { "capabilities": { "allow": ["search", "read_*"] } } } } }""");
            configuration.Reload();
            Assert.Equal(["search", "read_*"], guard.Policy.Capabilities.Allow);
            Assert.False(guard.Health.IsDegraded);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static void Invoke(Type type, string method, object target, params object[] arguments)
        {
            try
            {
                type.GetMethod(method, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.Invoke(target, arguments);
            }
            catch (System.Reflection.TargetInvocationException e) when (e.InnerException is InvalidDataException)
            {
                // The file is broken.
            }
        }
    }

    [Fact]
    public async Task NamesCountWithoutCaseAndBeforeThePresets()
    {
        var services = new ServiceCollection();
        services.AddAegis(Root("""{ "Aegis": { "policies": { "internal-tool": { "extends": "internal-tool", "capabilities": { "allow": ["search"] } } } } }""", """{ "Aegis": { "Policies": { "Internal-Tool": { "agentLoop": { "maxSteps": 5 } } } } }""").GetSection("Aegis"));
        await using var provider = services.BuildServiceProvider();
        foreach (var name in new[] { "internal-tool", "Internal-Tool" })
        {
            var policy = provider.GetRequiredKeyedService<AegisGuard>(name).Policy;
            Assert.Equal(5, policy.AgentLoop.MaxSteps);
            Assert.Equal(["search"], policy.Capabilities.Allow);   // the policy extends the preset of its own name
            Assert.Equal(50, policy.Limits["search"].Max);
        }
    }

    private static AegisPolicy Load(string name, params string[] layers) => PolicyLoader.Load(new ConfigurationOrigin(Root(layers).GetSection("Aegis")), name);

    private static IConfigurationRoot Root(params string[] layers)
    {
        var builder = new ConfigurationBuilder();
        foreach (var layer in layers)
        {
            builder.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(layer)));
        }

        return builder.Build();
    }
}
