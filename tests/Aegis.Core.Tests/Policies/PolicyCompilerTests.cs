using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Core.Tests.Policies;

public class PolicyCompilerTests
{
    /// <summary>Everything that can be wrong at once: path, culprit.</summary>
    private static readonly (string Path, string Culprit)[] Mistakes =
    [
        ("$.mode", "'7'"),
        ("$.onBlock", "'9'"),
        ("$.refusalText", "is empty"),
        ("$.capabilities.allow[1]", "''"),
        ("$.capabilities.deny[0]", "'evilname'"),
        ("$.capabilities.requireApproval[0]", $"'{new string('x', 32)}…'"),
        ("$.tools['get'].maxResult", "-1"),
        ("$.tools['get'].risk", "'5'"),
        ("$.limits['get'].max", "-2"),
        ("$.limits['get'].window", "'0s'"),
        ("$.limits['list']", "is null"),
        ("$.agentLoop.maxSteps", "-3"),
        ("$.agentLoop.repeatedCalls", "0"),
        ("$.agentLoop.maxDepth", "-4"),
        ("$.agentLoop.maxRecoveries", "-5"),
        ("$.agentLoop.maxRunsPerWindow.max", "-6"),
        ("$.agentLoop.maxRunsPerWindow.window", "'400d'"),
        ("$.agentLoop.maxDuration", "'500ms'"),
        ("$.agentLoop.riskBudget", "NaN"),
        ("$.agentLoop.privilegeDecay['0']", "0.9"),
        ("$.agentLoop.privilegeDecay['5']", "0.95"),
        ("$.denialOfWallet.window", "'-1m'"),
        ("$.denialOfWallet.maxOperations", "-7"),
        ("$.denialOfWallet.maxToolCalls", "-8"),
        ("$.denialOfWallet.maxSandboxTriggers", "-9"),
        ("$.denialOfWallet.maxTokens", "-10"),
        ("$.denialOfWallet.maxCost", "-11.5"),
        ("$.denialOfWallet.prices['m'].input", "-1"),
        ("$.session.trajectory.effect", "'6'"),
        ("$.session.trajectory.turns", "17"),
        ("$.session.trajectory.nearMisses", "1"),
        ("$.session.trajectory.nearMissAt", "NaN"),
        ("$.session.trajectory.expires", "'0s'"),
        ("$.session.outage.localShare", "0"),
        ("$.input.maxLength", "0"),
        ("$.input.unknownContent", "'3'"),
        ("$.input.blockPatterns[1]", "'^'"),
        ("$.input.media.maxSize", "0"),
        ("$.input.media.types[0]", "'image'"),
        ("$.input.media.types[1]", "'image/png; q=1'"),
        ("$.input.media.minConfidence", "1.1"),
        ("$.output.maxLength", "-12"),
        ("$.output.blockPatterns[0]", "'{n}'"),
        ("$.output.redactPatterns[0]", "empty text"),
        ("$.scanner.sensitivity", "'8'"),
        ("$.scanner.customPatterns[0]", "')'"),
        ("$.scanner.ignoreRules[0]", "'no/such-rule'"),
    ];

    private static readonly AegisPolicy Wrong = new()
    {
        Mode = (PolicyMode)7,
        OnBlock = (OnBlock)9,
        RefusalText = "  ",
        Capabilities = new() { Allow = ["get", ""], Deny = ["evil\nname"], RequireApproval = [new('x', 300)] },
        Tools = new Dictionary<string, ToolPolicy> { ["get"] = new() { MaxResult = -1, Risk = (ToolRisk)5 } },
        Limits = new Dictionary<string, RateLimit> { ["get"] = new(-2, TimeSpan.Zero), ["list"] = null! },
        AgentLoop = new()
        {
            MaxSteps = -3,
            RepeatedCalls = 0,
            MaxDepth = -4,
            MaxRecoveries = -5,
            MaxRunsPerWindow = new(-6, TimeSpan.FromDays(400)),
            MaxDuration = TimeSpan.FromSeconds(0.5),
            RiskBudget = double.NaN,
            PrivilegeDecay = new Dictionary<int, double> { [0] = 0.9, [5] = 0.95 },
        },
        DenialOfWallet = new()
        {
            Window = TimeSpan.FromMinutes(-1),
            MaxOperations = -7,
            MaxToolCalls = -8,
            MaxSandboxTriggers = -9,
            MaxTokens = -10,
            MaxCost = -11.5m,
            Prices = new Dictionary<string, ModelPrice> { ["m"] = new(-1, 1) },
        },
        Session = new() { Outage = new() { LocalShare = 0 }, Trajectory = new() { Effect = (TrajectoryEffect)6, Turns = 17, NearMisses = 1, NearMissAt = double.NaN, Expires = TimeSpan.Zero } },
        Input = new() { MaxLength = 0, UnknownContent = (UnknownContent)3, BlockPatterns = ["fine", "^abc"], Media = new() { MaxSize = 0, Types = ["image", "image/png; q=1", "*/*"], MinConfidence = 1.1 } },
        Output = new() { MaxLength = -12, BlockPatterns = ["a{"], RedactPatterns = ["a?"] },
        Scanner = new() { Sensitivity = (Sensitivity)8, CustomPatterns = ["a)"], IgnoreRules = ["no/such-rule", "override/ignore-previous"] },
    };

    [Fact]
    public void AllMistakesAreNamedAtOnceWithPlaceCulpritAndWayOut()
    {
        var refused = Assert.Throws<PolicyException>(static () => AegisGuard.Create(Wrong));

        Assert.Equal(Mistakes.Select(static mistake => mistake.Path).Order(StringComparer.Ordinal), refused.Errors.Select(static error => error.Path).Order(StringComparer.Ordinal));
        foreach (var (path, culprit) in Mistakes)
        {
            var error = refused.Errors.Single(error => error.Path == path);
            Assert.Contains(culprit, error.Message, StringComparison.Ordinal);
            Assert.Matches(@"\b(Use|Add|Say|Leave|Write|Make|Take)\b", error.Message);
            Assert.Contains($"\n  {error.Code} {path}: {error.Message}", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(error.Message, char.IsControl);
        }
    }

    [Fact]
    public void MistakesOfRulePacksComeWithThoseOfThePolicy()
    {
        var refused = Assert.Throws<PolicyException>(static () => AegisGuard.Create(Given.Open with { RefusalText = "" }, static builder => builder.AddRulePack("{").AddRulePack("[]")));

        Assert.Contains(refused.Errors, static error => error.Path == "$.refusalText");
        Assert.Contains(refused.Errors, static error => error is { Source: "rule pack 1", Line: 1 });
        Assert.Contains(refused.Errors, static error => error is { Source: "rule pack 2", Line: 1 });
    }

    [Theory, InlineData("strict"), InlineData("paranoid")]
    public void AHardenedPresetKeepsNoRawObjects(string preset)
    {
        var refused = Assert.Throws<PolicyException>(() => AegisGuard.Create(AegisPolicy.Preset(preset) with { KeepRaw = true, Name = "mine" }));

        Assert.Equal("$.keepRaw", Assert.Single(refused.Errors).Path);
        Assert.True(AegisGuard.Create(AegisPolicy.Preset("balanced") with { KeepRaw = true }).Policy.KeepRaw);
    }

    [Theory, InlineData("strict"), InlineData("paranoid")]
    public void AHardenedPresetCannotBeSwitchedOff(string preset)
    {
        var refused = Assert.Throws<PolicyException>(() => AegisGuard.Create(AegisPolicy.Preset(preset) with { Mode = PolicyMode.Off }));

        Assert.Equal("$.mode", Assert.Single(refused.Errors).Path);
    }

    [Fact]
    public void NoMoreNearMissesAreEnoughThanTextsCount()
    {
        var refused = Assert.Throws<PolicyException>(static () => AegisGuard.Create(Given.Open with { Session = new() { Trajectory = new() { Turns = 3, NearMisses = 4 } } }));

        Assert.Equal(("AEG121", "$.session.trajectory.nearMisses"), (Assert.Single(refused.Errors).Code, refused.Errors[0].Path));
        Assert.Equal(4, AegisGuard.Create(Given.Open with { Session = new() { Trajectory = new() { Turns = 4, NearMisses = 4 } } }).Policy.Session.Trajectory!.NearMisses);
    }

    [Fact]
    public void ACostNeedsPrices()
    {
        var refused = Assert.Throws<PolicyException>(static () => AegisGuard.Create(Given.Open with { DenialOfWallet = new() { MaxCost = 2.5m } }));

        Assert.Equal("$.denialOfWallet.maxCost", Assert.Single(refused.Errors).Path);
        Assert.Contains("denialOfWallet.prices", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0, 0.5, 0.5, true)]
    [InlineData(0.5, 0.75, 0.1, false)]
    [InlineData(0.5, -0.1, 0.0, false)]
    [InlineData(1.1, 0.5, 0.1, false)]
    [InlineData(0.5, double.NaN, 0.1, false)]
    public void DecayOnlyGoesDown(double first, double second, double third, bool isFine)
    {
        var policy = Given.Open with { AgentLoop = new() { PrivilegeDecay = new Dictionary<int, double> { [9] = third, [1] = first, [5] = second } } };
        var refusal = Record.Exception(() => PolicyCompiler.Compile(policy, [], []));

        Assert.Equal(isFine, refusal is null);
        Assert.All((refusal as PolicyException)?.Errors ?? [], static error => Assert.StartsWith("$.agentLoop.privilegeDecay[", error.Path, StringComparison.Ordinal));
    }

    [Theory, InlineData(0.999, false), InlineData(1, true), InlineData(366 * 86_400.0, true), InlineData(366 * 86_400.0 + 1, false)]
    public void WindowsLastFromASecondToAYear(double seconds, bool isFine)
    {
        var policy = Given.Open with { Limits = new Dictionary<string, RateLimit> { ["get"] = new(1, TimeSpan.FromSeconds(seconds)) } };

        Assert.Equal(isFine, Record.Exception(() => PolicyCompiler.Compile(policy, [], [])) is null);
    }

    [Fact]
    public void LimitsOfZeroAreLimits()
    {
        var policy = Given.Open with
        {
            Limits = new Dictionary<string, RateLimit> { ["get"] = new(0, TimeSpan.FromHours(1)) },
            AgentLoop = new() { MaxSteps = 0, MaxDepth = 0, MaxRecoveries = 0 },
            DenialOfWallet = new() { MaxOperations = 0, MaxToolCalls = 0, MaxSandboxTriggers = 0, MaxTokens = 0, MaxCost = 0, Prices = new Dictionary<string, ModelPrice> { ["*"] = new(0, 0) } },
        };

        Assert.NotNull(PolicyCompiler.Compile(policy, [], []));
    }
}
