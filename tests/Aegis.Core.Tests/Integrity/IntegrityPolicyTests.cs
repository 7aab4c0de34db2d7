using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Integrity;

/// <summary>Which keys a policy may have.</summary>
public class IntegrityPolicyTests
{
    private static readonly string Secret = new('s', 32);

    private static readonly DateTimeOffset Noon = new(2026, 6, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AllMistakesAreNamedAtOnce()
    {
        var errors = Errors(new() { Keys = [new("k 1", Secret), new("k2", new string('s', 31)), new("k2", Secret), new("k3", "${env:AEGIS_TEST_NO_SUCH_KEY}"), new("k4", ""), new("k5", "${ENV:X}")], OnFailure = (IntegrityFailure)7, Algorithm = (IntegrityAlgorithm)1 });
        Assert.Equal(
            ["$.integrity.algorithm AEG113", "$.integrity.keys[0].id AEG124", "$.integrity.keys[1].secret AEG125", "$.integrity.keys[2].id AEG105", "$.integrity.keys[3].secret AEG125", "$.integrity.keys[4].secret AEG125", "$.integrity.keys[5].secret AEG125", "$.integrity.onFailure AEG113"],
            errors.Select(static error => $"{error.Path} {error.Code}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.All(errors, static error => Assert.DoesNotContain("sss", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void ThirtyTwoBytesAreEnough()
    {
        Assert.NotNull(AegisGuard.Create(With(new IntegrityKeyPolicy("k1", Secret))));
        Assert.NotNull(AegisGuard.Create(With(new IntegrityKeyPolicy("k1", new string('\u00e9', 16)))));   // of UTF-8
        Assert.Equal("$.integrity.keys[0].secret", Assert.Single(Errors(new() { Keys = [new("k1", new string('\u00e9', 15) + "x")] })).Path);
    }

    [Fact]
    public void WithoutAKeyThatSignsNothingStarts()
    {
        Assert.Equal(("$.integrity.keys", "AEG118"), Assert.Single(Errors(new()).Select(static error => (error.Path, error.Code))));
        IntegrityPolicy expired = new() { Keys = [new("k1", Secret) { NotAfter = new(2026, 6, 29) }] };
        Assert.Equal(("$.integrity.keys", "AEG118"), Assert.Single(Errors(expired).Select(static error => (error.Path, error.Code))));
        Assert.Empty(Errors(new() { Keys = [new("k1", Secret) { NotAfter = new(2026, 6, 30) }] }));   // that day is in it
        Assert.Empty(Errors(new() { Keys = [.. expired.Keys, new("k2", Secret)] }));
        Assert.Empty(Errors(new() { Keys = [new("k1", Secret) { NotAfter = DateOnly.MaxValue }] }));
    }

    [Fact]
    public void ADocumentSaysWhereTheSecretStands()
    {
        var policy = AegisPolicy.Parse("""{ "version": 1, "integrity": { "keys": [ { "id": "k1", "secret": "${env:AEGIS_HMAC_SECRET}", "notAfter": "2027-06-30" }, { "id": "k2", "secret": "${config:Keys:Second}" } ], "algorithm": "SHA-256", "onFailure": "drop" } }""", PolicyFormat.Json);
        Assert.Equal([new("k1", "${env:AEGIS_HMAC_SECRET}") { NotAfter = new(2027, 6, 30) }, new IntegrityKeyPolicy("k2", "${config:Keys:Second}")], policy.Integrity!.Keys);
        Assert.Equal(IntegrityFailure.Drop, policy.Integrity.OnFailure);
        Assert.Equal("k1 until 2027-06-30", policy.Integrity.Keys[0].ToString());
        Assert.Contains(PolicyExplanation.Of(policy).Checkpoints[0].Guards, static guard => guard.Guard == "integrity");
    }

    [Theory]
    [InlineData("""{ "keys": [ { "id": "k1", "secret": "0123456789abcdef0123456789abcdef" } ] }""", "$.integrity.keys[0].secret", "AEG125")]
    [InlineData("""{ "keys": [ { "secret": "${env:X}" } ] }""", "$.integrity.keys[0]", "AEG118")]
    [InlineData("""{ "keys": [ { "id": "k1" } ] }""", "$.integrity.keys[0]", "AEG118")]
    [InlineData("""{ "keys": [ { "id": "k1", "secret": "${env:X}", "notAfter": "30.6.2027" } ] }""", "$.integrity.keys[0].notAfter", "AEG115")]
    [InlineData("""{ "keys": [ { "id": "k1", "secret": "${env:X}", "notAfter": 2027 } ] }""", "$.integrity.keys[0].notAfter", "AEG111")]
    [InlineData("""{ "keys": [ { "id": "k1", "secret": "${env:X}", "until": "2027-06-30" } ] }""", "$.integrity.keys[0].until", "AEG110")]
    [InlineData("""{ "keys": { "k1": "${env:X}" } }""", "$.integrity.keys", "AEG111")]
    [InlineData("""{ "keys": [ "${env:X}" ] }""", "$.integrity.keys[0]", "AEG111")]
    [InlineData("""{ "keys": [], "algorithm": "SHA-256" }""", "$.integrity.keys", "AEG118")]
    [InlineData("""{ "keys": [ { "id": "k1", "secret": "${env:X}" } ], "algorithm": "MD5" }""", "$.integrity.algorithm", "AEG113")]
    [InlineData("""{ "keys": [ { "id": "k1", "secret": "${env:X}" } ], "onFailure": "ignore" }""", "$.integrity.onFailure", "AEG113")]
    public void ADocumentWithMistakesIsRefused(string integrity, string path, string code)
    {
        var refused = Assert.Throws<PolicyException>(() => AegisPolicy.Parse($$"""{ "version": 1, "integrity": {{integrity}} }""", PolicyFormat.Json));
        Assert.Contains(refused.Errors, error => error.Path == path && error.Code == code);
    }

    /// <summary>A list of parts is taken whole from the last provider that names it, secrets from wherever the policy says.</summary>
    [Fact]
    public void ConfigurationSaysKeysToo()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Aegis:policies:default:extends"] = "balanced",
                ["Aegis:policies:default:integrity:keys:0:id"] = "old",
                ["Aegis:policies:default:integrity:keys:0:secret"] = "${config:Secrets:Old}",
                ["Aegis:policies:default:integrity:keys:1:id"] = "older",
                ["Aegis:policies:default:integrity:keys:1:secret"] = "${config:Secrets:Old}",
            })
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Aegis:policies:default:integrity:keys:0:id"] = "new",
                ["Aegis:policies:default:integrity:keys:0:secret"] = "${config:Secrets:New}",
                ["Aegis:policies:default:integrity:keys:0:notAfter"] = "2999-01-01",
                ["Secrets:New"] = Secret,
            })
            .Build();
        var collection = new ServiceCollection().AddSingleton<IConfiguration>(configuration);
        collection.AddAegis(configuration.GetSection("Aegis"));
        using var services = collection.BuildServiceProvider();
        Assert.Equal([new("new", "${config:Secrets:New}") { NotAfter = new(2999, 1, 1) }], services.GetRequiredService<AegisGuard>().Policy.Integrity!.Keys);
    }

    [Fact]
    public void WhoVerifiesLessIsWider()
    {
        var strict = With(new IntegrityKeyPolicy("k1", Secret));
        var drops = strict with { Integrity = strict.Integrity! with { OnFailure = IntegrityFailure.Drop } };
        var trusts = strict with { Integrity = strict.Integrity! with { OnFailure = IntegrityFailure.Untrusted } };
        Assert.True(strict.IsNarrowerThan(Given.Open));
        Assert.True(strict.IsNarrowerThan(drops) && drops.IsNarrowerThan(trusts));
        Assert.False(Given.Open.IsNarrowerThan(trusts));
        Assert.False(drops.IsNarrowerThan(strict) || trusts.IsNarrowerThan(drops));
        Assert.False(With(new IntegrityKeyPolicy("k1", Secret), new IntegrityKeyPolicy("k2", Secret)).IsNarrowerThan(strict));
    }

    private static AegisPolicy With(params IntegrityKeyPolicy[] keys) => Given.Open with { Integrity = new() { Keys = keys } };

    private static IReadOnlyList<PolicyError> Errors(IntegrityPolicy integrity)
    {
        var error = Record.Exception(() => AegisGuard.Create(Given.Open with { Integrity = integrity }, static builder => builder.UseTimeProvider(new FakeTimeProvider(Noon))));
        return error is null ? [] : Assert.IsType<PolicyException>(error).Errors;
    }
}
