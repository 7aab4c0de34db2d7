using System.Text;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Policies.Documents;
using Aegis.Tools;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Policies;


/// <summary>What a review got past policies; one test for each way.</summary>
public class PolicyReviewTests
{
    [Fact]
    public void KeepRawIsWiderUnderMonitorToo() =>
        Assert.False((Given.Open with { Mode = PolicyMode.Monitor, KeepRaw = true }).IsNarrowerThan(Given.Open with { Mode = PolicyMode.Monitor }));

    [Fact]
    public void TheOrderOfPricesDoesNotCount()
    {
        ModelPrice dear = new(100, 100), cheap = new(0, 0);
        var wide = Given.Open with { DenialOfWallet = new() { MaxCost = 1, Prices = new Dictionary<string, ModelPrice> { ["a*"] = dear, ["*b"] = cheap } } };
        var narrow = Given.Open with { DenialOfWallet = new() { MaxCost = 1, Prices = new Dictionary<string, ModelPrice> { ["*b"] = cheap, ["a*"] = dear } } };
        Assert.True(narrow.IsNarrowerThan(wide));
        Assert.Equal(PolicyCompiler.VersionOf(wide).Hash, PolicyCompiler.VersionOf(narrow).Hash);
        var usage = new TokenUsage { Input = 1_000_000, Output = 0, Model = "ab" };
        Assert.Equal(new PriceTable(wide.DenialOfWallet.Prices).MicrosOf(usage), new PriceTable(narrow.DenialOfWallet.Prices).MicrosOf(usage));
    }

    [Theory]
    [InlineData("""{ "Aegis": { "policies": { "default": { "scanner": {} } } } }""")]
    [InlineData("""{ "Aegis": { "policies": { "default": { "denialOfWallet": {} } } } }""")]
    [InlineData("""{ "Aegis": { "policies": { "default": { "tools": { "search": {} } } } } }""")]
    public void AnEmptyObjectInConfigurationChangesNothing(string overlay)
    {
        const string Base = """{ "Aegis": { "policies": { "default": { "extends": "balanced", "scanner": { "sensitivity": "paranoid" }, "tools": { "search": { "risk": "high", "maxResult": 10 } } } } } }""";
        var before = Load(Base);
        AegisPolicy after;
        try
        {
            after = Load(Base, overlay);
        }
        catch (PolicyException)
        {
            return; // to refuse is fine too
        }

        Assert.True(after.IsNarrowerThan(before), string.Join("; ", PolicyComparison.Widenings(after, before)));
    }

    [Fact]
    public void ANulInExtendsIsAMistake()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        File.WriteAllText(path, "{ \"extends\": \"a\\u0000.json\" }");
        Assert.Throws<PolicyException>(() => AegisPolicy.Load(path));
    }

    [Fact]
    public void LongGlobsKeepTheirOwnPlaces()
    {
        var stem = new string('a', 40);
        var json = $"{{ \"limits\": {{\n\"{stem}1\": {{ \"max\": -1, \"window\": \"1h\" }},\n\"{stem}2\": {{ \"max\": 1, \"window\": \"1h\" }} }} }}";
        Assert.Equal([2], Assert.Throws<PolicyException>(() => AegisPolicy.Parse(json, PolicyFormat.Json)).Errors.Select(static e => e.Line));
    }

    [Fact]
    public void LeavesHaveTheirOwnPaths()
    {
        var stem = new string('a', 40);
        var policy = AegisPolicy.Parse($"{{ \"limits\": {{ \"{stem}1\": {{ \"max\": 1, \"window\": \"1h\" }}, \"{stem}2\": {{ \"max\": 1, \"window\": \"1h\" }} }} }}", PolicyFormat.Json);
        Assert.Equal(2, PolicyShape.Root.Leaves(policy, "$").Where(static leaf => leaf.Path.EndsWith(".max", StringComparison.Ordinal) && leaf.Path.Contains("aaaa", StringComparison.Ordinal)).Select(static leaf => leaf.Path).Distinct(StringComparer.Ordinal).Count());   // ToDictionary throws: what 'aegis policy diff' does
    }

    [Fact]
    public async Task HalfAYamlFileIsNotTakenUp()
    {
        const string Whole = "version: 1\nextends: balanced\ncapabilities:\n  deny:\n    - delete_*\n    - pay_*\n";
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(path, Whole, Given.Cancel);
        var time = new FakeTimeProvider();
        var guard = Given.Guard(AegisPolicy.Load(path), time, more: aegis => aegis.ReloadFrom(path));
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);   // an editor saves the same text
        await file.WriteAsync(Encoding.UTF8.GetBytes(Whole[..Whole.IndexOf("    - pay", StringComparison.Ordinal)]), Given.Cancel);
        await file.FlushAsync(Given.Cancel);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("pay_*", guard.Policy.Capabilities.Deny);
    }

    [Fact]
    public async Task DecayUsesTheRanksOfTheVersionThatDecides()
    {
        var before = Given.Open with { AgentLoop = new() { PrivilegeDecay = new Dictionary<int, double> { [1] = 0.5 } }, Tools = new Dictionary<string, ToolPolicy> { ["a"] = new() { Risk = ToolRisk.Low }, ["b"] = new() { Risk = ToolRisk.High } } };
        var after = before with { Tools = new Dictionary<string, ToolPolicy> { ["a"] = new() { Risk = ToolRisk.High }, ["b"] = new() { Risk = ToolRisk.Low } } };
        var guard = Given.Guard(before);
        var run = guard.Run(new SessionId("s"));
        var tools = guard.Tools("a", "b");
        guard.Replace(() => after);
        Assert.Equal("decay/hidden", await run.RuleOf(new ToolCall("a", Given.Arguments()) { Tools = tools }));
    }

    [Fact]
    public void AnEntryOfAnotherCaseReplacesTheExtendedOne()
    {
        var policy = Load("""{ "Aegis": { "policies": { "base": { "extends": "balanced", "tools": { "READ_FILE": { "risk": "low", "maxResult": 100000 } } }, "default": { "extends": "base", "tools": { "read_file": { "risk": "high", "maxResult": 10 } } } } } }""");
        var rules = new ToolRules(policy, [], null);
        Assert.Equal((ToolRisk.High, 10), (rules.RiskOf(new("read_file")).Level, rules.For("read_file").MaxResult));
    }


    [Fact]
    public void AChangeWhileTheGuardIsMadeIsNotLost()
    {
        var source = new Changing { ["Aegis:policies:default:extends"] = "balanced" };
        var configuration = new ConfigurationBuilder().Add(source).Build();
        var services = new ServiceCollection();
        services.AddAegis(configuration.GetSection("Aegis")).AddRulePack("""{ "version": 1 }""");
        // cannot hook between without a service: the event sink factory runs in Build, after Load and before Watch
        services = new ServiceCollection();
        services.AddAegis(configuration.GetSection("Aegis"));
        services.AddSingleton<Aegis.Events.IEventSink>(_ =>
        {
            source.Change("Aegis:policies:default:input:maxLength", "5");
            return new Silent();
        });
        using var provider = services.BuildServiceProvider();
        Assert.Equal(5, provider.GetRequiredService<AegisGuard>().Policy.Input.MaxLength);
    }

    // upper-case 'X-' in configuration, where case does not count; a glob with ':' cannot be said
    [Fact]
    public void DecayIsReplacedWholeInConfiguration()
    {
        static Stream Of(string decay) => new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Aegis": { "policies": { "default": { "agentLoop": { "privilegeDecay": {{decay}} } } } } }"""));
        var configuration = new ConfigurationBuilder().AddJsonStream(Of("""{ "5": 0.5 }""")).AddJsonStream(Of("""{ "8": 0.6 }""")).Build();
        Assert.Equal([8], PolicyLoader.Load(new ConfigurationOrigin(configuration.GetSection("Aegis")), "default").AgentLoop.PrivilegeDecay.Keys);
    }

    // hardening is lost: a policy of the configuration with the name of a preset takes its place
    [Fact]
    public void ANameOfAPresetIsThePreset()
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes("""{ "Aegis": { "policies": { "Strict": { "extends": "permissive" }, "default": { "extends": "strict", "keepRaw": true } } } }"""))).Build();
        Assert.Throws<PolicyException>(() => PolicyLoader.Load(new ConfigurationOrigin(configuration.GetSection("Aegis")), "default"));
    }

    private sealed class Silent : Aegis.Events.IEventSink
    {
        public void Write(Aegis.Events.AegisEvent e)
        {
        }
    }

    private sealed class Changing : ConfigurationProvider, IConfigurationSource
    {
        public string this[string key]
        {
            set => Set(key, value);
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Change(string key, string value)
        {
            Set(key, value);
            OnReload();
        }
    }

    private static AegisPolicy Twin => AegisPolicy.Parse("""{ "name": "strict", "session": { "required": true }, "input": { "maxLength": 4000 }, "output": { "maxLength": 8000 } }""", PolicyFormat.Json);

    // unsound: 'strict' takes away RawRepresentationFactory, a document that says the same values does not.
    [Fact]
    public void WhatIsNotHardenedIsNotNarrowerThanStrict() => Assert.False(Twin.IsNarrowerThan(AegisPolicy.Preset("strict")));

    // the hash does not see it either: a reload from the twin to 'strict' is not taken up.
    [Fact]
    public void AReloadToAHardenedPolicyIsTakenUp()
    {
        var guard = Given.Guard(Twin);
        guard.Replace(static () => AegisPolicy.Preset("strict"));
        Assert.True(guard.Policy.IsHardened);
    }

    // unsound? windows of other lengths, one tick around the rounding of 64 buckets
    [Fact]
    public async Task ALongerWindowIsNarrower()
    {
        await Gen.Select(Gen.Int[1_000, 1_200], Gen.Int[0, 40], Gen.Int[0, 1_500].Array[12], Gen.Int[1, 3]).SampleAsync(async (ms, more, waits, max) =>
        {
            var (wide, narrow) = (Of(ms, max), Of(ms + more, max));
            if (!narrow.IsNarrowerThan(wide))
            {
                return;
            }

            var time = new FakeTimeProvider();
            var (a, b) = (Given.Guard(narrow, time), Given.Guard(wide, time));
            var (mine, theirs) = (a.Run(new SessionId("s")), b.Run(new SessionId("s")));
            foreach (var wait in waits)
            {
                time.Advance(TimeSpan.FromTicks((wait * 1_000L * 7) + wait));
                if (await mine.RuleOf(a.Call("x", 1)) == "passes")
                {
                    Assert.Equal("passes", await theirs.RuleOf(b.Call("x", 1)));
                }
            }
        }, iter: Extent.Of(4_000, 1_000));

        static AegisPolicy Of(int ms, int max) => Given.Open with { Limits = new Dictionary<string, RateLimit> { ["x"] = new(max, TimeSpan.FromMilliseconds(ms)) } };
    }

    [Fact]
    public void ABadSecondItemIsNamedWhereItStands()
    {
        var e = Assert.Throws<PolicyException>(static () => AegisPolicy.Parse("{ \"extends\": \"customer-support\", \"capabilities\": { \"deny\": [\n\"a\",\n\"\" ] } }", PolicyFormat.Json)).Errors;
        Assert.Equal([(3, 1)], e.Select(static error => (error.Line, error.Column)));
    }

    // numbers: JSON and YAML
    [Theory]
    [InlineData("010")]
    [InlineData("+10")]
    [InlineData("-0")]
    [InlineData("1_0")]
    [InlineData("0x10")]
    [InlineData("1e1")]
    public void YamlTakesNoNumberThatJsonRefuses(string number) =>
        Assert.Equal(Read($"{{ \"agentLoop\": {{ \"maxSteps\": {number} }} }}", PolicyFormat.Json), Read($"agentLoop:\n  maxSteps: {number}\n", PolicyFormat.Yaml));

    private static int? Read(string text, PolicyFormat format)
    {
        try
        {
            return AegisPolicy.Parse(text, format).AgentLoop.MaxSteps;
        }
        catch (PolicyException)
        {
            return null;
        }
    }

    private static AegisPolicy Load(params string[] layers)
    {
        var builder = new ConfigurationBuilder();
        foreach (var layer in layers)
        {
            builder.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(layer)));
        }

        return PolicyLoader.Load(new ConfigurationOrigin(builder.Build().GetSection("Aegis")), "default");
    }
}
