using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Tools;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Policies.Analysis;

public class PolicyComparisonTests
{
    private static readonly string[] Names = [.. All("ab_", 5), "x", "a_x", "b_ax"];

    private static readonly ToolInfo[] Renamed = [.. from name in Names from local in Names where name.EndsWith($"_{local}", StringComparison.Ordinal) select new ToolInfo(name) { LocalName = local }];

    private static readonly Gen<IReadOnlyList<string>> Globs = OneOf("a", "b", "a_*", "*_b", "a?", "*", "b_a", "a_b", "*a*", "b*").Array[0, 3].Select(static globs => (IReadOnlyList<string>)[.. globs.Distinct()]);

    private static readonly Gen<CapabilityPolicy> Capabilities = Gen.Select(Globs, Globs, Globs, static (allow, deny, ask) => new CapabilityPolicy { Allow = allow, Deny = deny, RequireApproval = ask });

    private static readonly Gen<RateLimit> Limit = Gen.Select(Gen.Int[0, 3], OneOf(60, 61, 120, 3_600), static (max, seconds) => new RateLimit(max, TimeSpan.FromSeconds(seconds)));

    private static readonly Gen<AegisPolicy> Policies = Gen.Select(Capabilities, Gen.Dictionary(OneOf("a", "a*", "*"), Limit)[0, 2], Gen.Int[0, 3], OneOf(0.0, 0.25, 0.5, 1.0), Gen.Int[1, 3], Gen.Int[1, 9], static (capabilities, limits, steps, fraction, repeated, length) => Given.Open with
    {
        Capabilities = capabilities,
        Limits = limits,
        AgentLoop = new() { MaxSteps = steps, PrivilegeDecay = new Dictionary<int, double> { [2] = fraction }, RepeatedCalls = repeated },
        Input = new() { MaxLength = length },
    });

    [Fact]
    public void AToolThatMayVouchForValuesWidensAlsoWhereTheOtherPolicySaysNothingOfTheTool() =>
        Assert.False((Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["send_email"] = new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["to"] = new() { From = ["user", "*"] } } } } }).IsNarrowerThan(Given.Open));

    [Fact]
    public void APolicyThatLooksForPersonalDataInFewerPlacesOrLetsMoreOfItStandWidens()
    {
        var (plain, both, granting) = (Given.Open, Looking([]), Looking(["email"]));
        Assert.True(both.IsNarrowerThan(plain));
        Assert.False(plain.IsNarrowerThan(both));
        Assert.True(granting.IsNarrowerThan(plain));
        Assert.True(both.IsNarrowerThan(granting));
        Assert.False(granting.IsNarrowerThan(both));
        Assert.True(granting.IsNarrowerThan(Looking(["*"])));
        Assert.False(Looking(["*"]).IsNarrowerThan(granting));

        static AegisPolicy Looking(string[] types) => Given.Open with
        {
            DataFlow = new() { PiiScope = [PiiScope.Output, PiiScope.Input] },
            Tools = new Dictionary<string, ToolPolicy> { ["send"] = new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["to"] = new() { Restore = types } } } },
        };
    }

    [Fact]
    public void APolicyThatLetsMoreMediaInWidens()
    {
        var policy = With(new());
        Assert.True(With(new() { MaxSize = 1, Types = ["image/png", "application/pdf"], MinConfidence = 0.9 }).IsNarrowerThan(policy));
        Assert.False(With(new() { MaxSize = 20_000_000 }).IsNarrowerThan(policy));
        Assert.False(With(new() { Types = ["image/*", "application/zip"] }).IsNarrowerThan(policy));
        Assert.False(With(new() { MinConfidence = 0.4 }).IsNarrowerThan(policy));

        static AegisPolicy With(MediaPolicy media) => Given.Open with { Input = new() { Media = media } };
    }

    [Fact]
    public void APolicyThatLooksForNothingIsWiderThanOneThatBlocksAKindAndRecordsTheOthers()
    {
        var blocking = Given.Open with { DataFlow = new() { PiiHandling = PiiHandling.Allow, PiiBlock = ["email"] } };
        Assert.False((blocking with { Output = new() { DetectPII = false } }).IsNarrowerThan(blocking));
        Assert.False((blocking with { DataFlow = blocking.DataFlow with { PiiScope = [] } }).IsNarrowerThan(blocking));
        Assert.True((blocking with { DataFlow = blocking.DataFlow with { PiiHandling = PiiHandling.Redact } }).IsNarrowerThan(blocking));
    }

    [Theory]
    [InlineData("email", "", "", "", false)]
    [InlineData("email", "", "*", "", true)]
    [InlineData("*", "", "email", "", false)]
    [InlineData("", "email", "", "", true)]
    [InlineData("", "", "", "email", false)]
    [InlineData("", "*", "", "email", true)]
    public void KindsOfPersonalDataThatPassOrAreNoLongerBlockedWiden(string allow, string block, string wideAllow, string wideBlock, bool expected)
    {
        Assert.Equal(expected, With(allow, block).IsNarrowerThan(With(wideAllow, wideBlock)));

        static AegisPolicy With(string allow, string block) => Given.Open with { DataFlow = new() { PiiAllow = allow.Length == 0 ? [] : [allow], PiiBlock = block.Length == 0 ? [] : [block] } };
    }

    [Theory]
    [InlineData("strict", "balanced", true)]
    [InlineData("balanced", "strict", false)]
    [InlineData("balanced", "balanced", true)]
    [InlineData("paranoid", "strict", true)]
    [InlineData("paranoid", "permissive", true)]
    [InlineData("customer-support", "balanced", false)]
    [InlineData("code-assistant", "balanced", false)]
    [InlineData("code-assistant", "permissive", true)]
    [InlineData("internal-tool", "balanced", true)]
    [InlineData("banking", "strict", false)]
    public void PresetsNarrowEachOtherAsTheyLook(string narrow, string wide, bool expected) =>
        Assert.Equal(expected, AegisPolicy.Preset(narrow).IsNarrowerThan(AegisPolicy.Preset(wide)));

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, 0.1, true)]
    [InlineData(0.1, 0.1, true)]
    [InlineData(0.1, 0.2, true)]
    [InlineData(0.2, 0.1, false)]
    [InlineData(0.1, null, false)]
    public void WhoSpendsMoreWhileTheStoreIsAwayWidens(double? narrow, double? wide, bool expected)
    {
        Assert.Equal(expected, With(narrow).IsNarrowerThan(With(wide)));

        static AegisPolicy With(double? share) => Given.Open with { Session = new() { Outage = share is { } spends ? new() { LocalShare = spends } : null } };
    }

    [Fact]
    public void APolicyThatJudgesASessionMoreLooselyWidens()
    {
        var blocking = With(new() { Effect = TrajectoryEffect.Block });
        Assert.All(
            new TrajectoryPolicy?[] { null, new() { Effect = TrajectoryEffect.Flag }, Blocks with { Turns = 7 }, Blocks with { NearMisses = 4 }, Blocks with { NearMissAt = 0.71 }, Blocks with { Expires = TimeSpan.FromMinutes(59) } },
            looser => Assert.False(With(looser).IsNarrowerThan(blocking)));
        Assert.All(
            new[] { Blocks, Blocks with { Turns = 9 }, Blocks with { NearMisses = 2 }, Blocks with { NearMissAt = 0.69 }, Blocks with { Expires = TimeSpan.FromMinutes(61) } },
            stricter => Assert.True(With(stricter).IsNarrowerThan(blocking)));
        Assert.True(With(null).IsNarrowerThan(With(new() { Effect = TrajectoryEffect.Flag })));   // which lets everything pass

        static AegisPolicy With(TrajectoryPolicy? trajectory) => Given.Open with { Session = new() { Trajectory = trajectory } };
    }

    [Fact]
    public void APolicyThatLocksLessOrAtOtherTimesWidens()
    {
        var (quarantine, endless) = (With(Locks), With(Locks with { Duration = null }));
        Assert.All(
            new RecoveryPolicy[] { new(), new() { Mode = RecoveryMode.ResetLast }, Locks with { After = 2 }, Locks with { After = 4 }, Locks with { Window = TimeSpan.FromHours(2) }, Locks with { Duration = TimeSpan.FromHours(2) }, Locks with { Scope = RecoveryScope.Principal } },
            other => Assert.False(With(other).IsNarrowerThan(quarantine)));
        Assert.All(
            new[] { Locks with { Duration = null }, Locks with { Duration = null, After = 1, Window = TimeSpan.FromDays(1), Scope = RecoveryScope.Principal }, Locks with { Mode = RecoveryMode.TerminateSession, Duration = TimeSpan.FromMinutes(1) } },
            stricter => Assert.True(With(stricter).IsNarrowerThan(quarantine)));
        Assert.All(
            new[] { Locks, Locks with { Duration = null, After = 4 }, Locks with { Duration = null, Window = TimeSpan.FromMinutes(59) } },
            looser => Assert.False(With(looser).IsNarrowerThan(endless)));
        Assert.False(endless.IsNarrowerThan(With(Locks with { Mode = RecoveryMode.TerminateSession })));
        Assert.False(endless.IsNarrowerThan(With(Locks with { Scope = RecoveryScope.Principal })));
        Assert.True(quarantine.IsNarrowerThan(Given.Open));
        Assert.False(With(new() { Mode = RecoveryMode.ResetLast }).IsNarrowerThan(Given.Open));
        Assert.True(Given.Open.IsNarrowerThan(With(new() { Mode = RecoveryMode.ResetLast })));
        Assert.False(With(new() { Mode = RecoveryMode.AutoRetry }).IsNarrowerThan(Given.Open));
        Assert.True(With(new() { Mode = RecoveryMode.AutoRetry }).IsNarrowerThan(Given.Open with { AutoRetry = new() }));

        static AegisPolicy With(RecoveryPolicy recovery) => Given.Open with { Recovery = recovery };
    }

    private static RecoveryPolicy Locks => new() { Mode = RecoveryMode.QuarantineSession };

    private static TrajectoryPolicy Blocks => new() { Effect = TrajectoryEffect.Block };

    [Theory]
    [InlineData("""{ "tenant": { "window": "1h", "maxToolCalls": 5 } }""", """{ "tenant": { "window": "1h", "maxToolCalls": 6 } }""", "")]
    [InlineData("""{ "tenant": { "window": "1h", "maxToolCalls": 7 } }""", """{ "tenant": { "window": "1h", "maxToolCalls": 6 } }""", "$.budgets.tenant.maxToolCalls")]
    [InlineData("""{ "tenant": { "window": "30m", "maxToolCalls": 5 } }""", """{ "tenant": { "window": "1h", "maxToolCalls": 6 } }""", "$.budgets.tenant.window")]
    [InlineData("""{ "tenant": { "window": "30m" } }""", """{ "tenant": { "window": "1h" } }""", "")]
    [InlineData("null", """{ "principal": { "maxTokens": 6, "maxDuration": "1m" } }""", "$.budgets.principal.maxTokens $.budgets.principal.maxDuration")]
    [InlineData("null", """{ "principal": {} }""", "")]
    [InlineData("""{ "session": { "maxEgressBytes": 0 } }""", "null", "")]
    [InlineData("""{ "run": { "maxDuration": "2m" } }""", """{ "run": { "maxDuration": "1m" } }""", "$.budgets.run.maxDuration")]
    [InlineData("""{ "run": { "maxDuration": "1m" } }""", """{ "subAgent": { "maxToolCalls": 1 } }""", "$.budgets.subAgent.maxToolCalls")]
    [InlineData("""{ "run": { "maxCost": 1 }, "prices": { "*": { "input": 1, "output": 1 } } }""", """{ "run": { "maxCost": 1 }, "prices": { "*": { "input": 2, "output": 1 } } }""", "$.budgets.prices")]
    [InlineData("""{ "run": { "maxCost": 1 }, "prices": { "*": { "input": 2, "output": 1 } } }""", """{ "run": { "maxCost": 2 }, "prices": { "*": { "input": 2, "output": 1 } } }""", "")]
    public void ABudgetThatIsLooserWidens(string mine, string theirs, string paths) =>
        Assert.Equal(paths, string.Join(' ', PolicyComparison.Widenings(Of(mine), Of(theirs)).Select(static widening => widening.Path)));

    private static AegisPolicy Of(string budgets) => AegisPolicy.Parse($$"""{ "version": 1, "budgets": {{budgets}} }""", PolicyFormat.Json);

    [Fact]
    public void EveryPolicyIsNarrowerThanItself() => Policies.Sample(static policy => Assert.True(policy.IsNarrowerThan(policy)), iter: 300);

    [Fact]
    public void NoNameIsDecidedMoreLooselyInANarrowerPolicy() => Gen.Select(Capabilities, Capabilities).Sample(static (mine, theirs) =>
    {
        var (narrow, wide) = (Given.Open with { Capabilities = mine }, Given.Open with { Capabilities = theirs });
        if (!narrow.IsNarrowerThan(wide))
        {
            return;
        }

        var (a, b) = (new ToolRules(narrow, [], null), new ToolRules(wide, [], null));
        foreach (var name in Names)
        {
            Assert.True(a.For(name).Capability >= b.For(name).Capability, name);
        }

        foreach (var tool in Renamed)
        {
            Assert.True(a.For(tool).Capability >= b.For(tool).Capability, $"{tool.Name} ({tool.LocalName})");
        }
    }, iter: Extent.Of(20_000, 1_000));

    [Fact]
    public void PoliciesThatDenyMoreAndAllowLessAreFoundToBeNarrower() => Gen.Select(Capabilities, Globs, Gen.Int[0, 2]).Sample(static (theirs, more, drop) =>
    {
        var narrow = theirs with { Deny = [.. theirs.Deny, .. more], Allow = [.. theirs.Allow.Skip(drop)] };
        Assert.True((Given.Open with { Capabilities = narrow }).IsNarrowerThan(Given.Open with { Capabilities = theirs }));
    }, iter: 2_000);

    /// <summary>The brute-force oracle: what happened under the narrower policy, step by step, may also happen under the wider one.</summary>
    [Fact]
    public async Task WhateverPassesUnderANarrowerPolicyPassesUnderTheWider()
    {
        var found = 0;
        await Gen.Select(Policies, Policies, Globs, Gen.Int[0, 2], Gen.Int[0, 1], Gen.Select(Gen.Int[0, 99], Gen.Int[0, 11], Gen.Int[0, 1], Gen.Int[0, 3]).Array[8]).SampleAsync(
            async (wide, other, more, kind, less, steps) =>
            {
                var narrow = kind == 0 ? other : Narrowed(wide, more, less);
                if (!narrow.IsNarrowerThan(wide))
                {
                    return;
                }

                Interlocked.Increment(ref found);
                var time = new FakeTimeProvider();
                var (a, b) = (Given.Guard(narrow, time, more: Agreeing), Given.Guard(wide, time, more: Agreeing));
                var (mine, theirs) = (a.Run(new SessionId("s")), b.Run(new SessionId("s")));
                foreach (var (seconds, tool, argument, what) in steps)
                {
                    time.Advance(TimeSpan.FromSeconds(seconds));
                    Subject Of(AegisGuard guard) => what switch
                    {
                        0 => new UserInput(new string('x', 1 + argument + (tool / 2))),
                        1 => new ModelOutput("") { Calls = 1 },
                        _ => new ToolCall(Names[tool], Given.Arguments(("n", argument))) { Tools = guard.Tools([.. Names.Take(12)]) },
                    };
                    if (await mine.RuleOf(Of(a)) == "passes")
                    {
                        Assert.Equal("passes", await theirs.RuleOf(Of(b)));
                    }
                }
            },
            iter: Extent.Of(4_000, 1_000));
        Assert.True(found > Extent.Of(500, 125), $"only {found} pairs were comparable");

        static void Agreeing(AegisBuilder builder) => builder.UseApprover(static (_, _) => new(true));
    }

    [Fact]
    public void EveryWideningNamesItsMember()
    {
        var wide = AegisPolicy.Preset("strict");
        Assert.Equal(["$.agentLoop.maxSteps"], PolicyComparison.Widenings(wide with { AgentLoop = new() { MaxSteps = 26 } }, wide).Select(static widening => widening.Path));
        Assert.Equal(["$.scanner"], PolicyComparison.Widenings(wide with { Scanner = null }, wide).Select(static widening => widening.Path));
        Assert.Equal(["$.mode"], PolicyComparison.Widenings(wide with { Mode = PolicyMode.Monitor }, wide).Select(static widening => widening.Path));
        Assert.Equal(["$.capabilities"], PolicyComparison.Widenings(wide with { Capabilities = new() { Allow = ["search"] } }, wide).Select(static widening => widening.Path));
        Assert.Equal(["$.session.required"], PolicyComparison.Widenings(wide with { Session = wide.Session with { Required = false } }, wide).Select(static widening => widening.Path));
        Assert.Equal(["$.session.trajectory"], PolicyComparison.Widenings(wide with { Session = wide.Session with { Trajectory = null } }, wide).Select(static widening => widening.Path));
        Assert.Equal(["$.scanner.ignoreRules"], PolicyComparison.Widenings(wide with { Scanner = new() { IgnoreRules = ["override/ignore-previous"] } }, wide).Select(static widening => widening.Path));
        Assert.Equal(["$.denialOfWallet.window"], PolicyComparison.Widenings(wide with { DenialOfWallet = new() { Window = TimeSpan.FromMinutes(1) } }, wide).Select(static widening => widening.Path));
    }

    [Fact]
    public void AWideningNamesRealToolsAndLimits()
    {
        var wide = Given.Open with { Capabilities = new() { Allow = ["read_file"], RequireApproval = ["send_mail"] }, Limits = new Dictionary<string, RateLimit> { ["send_mail"] = new(1, TimeSpan.FromHours(1)) } };
        var narrow = wide with { Capabilities = new() { Allow = ["read_file", "send_mail", "delete_file"] }, Limits = new Dictionary<string, RateLimit> { ["send_mail"] = new(5, TimeSpan.FromHours(1)) } };
        Assert.Equal(
            ["'send_mail' is asked about there, may be called here", "'delete_file' may not be called there, may be called here", "5 per 1h, not 1 per 1h"],
            PolicyComparison.Widenings(narrow, wide).Select(static widening => widening.Reason));
    }

    [Fact]
    public void APolicyWithMistakesIsRefused() => Assert.Throws<PolicyException>(static () => new AegisPolicy { RefusalText = "" }.IsNarrowerThan(new()));

    private static AegisPolicy Narrowed(AegisPolicy wide, IReadOnlyList<string> more, int less) => wide with
    {
        Capabilities = wide.Capabilities with { Deny = [.. wide.Capabilities.Deny, .. more], Allow = [.. wide.Capabilities.Allow.Skip(less)] },
        Limits = wide.Limits.Append(new("b", new(less, TimeSpan.FromMinutes(1)))).DistinctBy(static entry => entry.Key).ToDictionary(static entry => entry.Key, entry => entry.Value with { Max = Math.Max(0, entry.Value.Max - less) }),
        AgentLoop = wide.AgentLoop with { MaxSteps = Math.Max(0, wide.AgentLoop.MaxSteps - less), RepeatedCalls = Math.Max(1, wide.AgentLoop.RepeatedCalls - less) },
    };

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static IEnumerable<string> All(string letters, int longest) =>
        longest == 0 ? [] : letters.Select(static c => $"{c}").Concat(All(letters, longest - 1).SelectMany(name => letters.Select(c => name + c))).Distinct(StringComparer.Ordinal);
}
