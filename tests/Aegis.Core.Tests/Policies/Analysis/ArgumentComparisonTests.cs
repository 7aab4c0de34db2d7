using Aegis.Core.Tests.Sessions;
using Aegis.Core.Tests.Tools.Arguments;
using Aegis.Policies;
using Aegis.Policies.Analysis;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Policies.Analysis;

/// <summary>A rule more narrows, a rule less or a looser one widens; whatever cannot be shown widens.</summary>
public class ArgumentComparisonTests
{
    private static readonly ToolPolicy None = new();

    private static readonly Dictionary<string, (ArgumentPolicy Narrow, ArgumentPolicy Wide)> Narrower = new()
    {
        ["any"] = (new() { Type = ArgumentType.String }, new()),
        ["integer"] = (new() { Type = ArgumentType.Integer }, new() { Type = ArgumentType.Number }),
        ["enum"] = (new() { Enum = ["a"] }, new() { Enum = ["a", "b"] }),
        ["pattern"] = (new() { Pattern = "*@EXAMPLE.com", MaxLength = 99 }, new() { Pattern = "*@example.com" }),
        ["minimum"] = (new() { Minimum = 2 }, new() { Minimum = 1 }),
        ["maximum"] = (new() { Maximum = 1 }, new() { Maximum = 2 }),
        ["minLength"] = (new() { MinLength = 2 }, new() { MinLength = 1 }),
        ["maxLength"] = (new() { MaxLength = 1 }, new() { MaxLength = 2 }),
        ["maxItems"] = (new() { MaxItems = 1 }, new() { MaxItems = 2 }),
        ["keys"] = (new() { Keys = ["a"] }, new() { Keys = ["A", "b*"] }),
        ["from"] = (new() { From = ["user"] }, new() { From = ["USER", "search.contacts"] }),
        ["from the user"] = (new() { From = ["user"] }, new()),
        ["required"] = (new() { Required = true }, new()),
        ["forbidden"] = (new() { Forbidden = true }, new() { Pattern = "a" }),
        ["under"] = (new() { Path = new() { Under = ["/srv/data/a"] } }, new() { Path = new() { Under = ["/srv/data"] } }),
        ["path deny"] = (new() { Path = new() { Deny = ["*.pem", "*.key"] } }, new() { Path = new() { Deny = ["*.pem"] } }),
        ["hosts"] = (new() { Url = new() { Hosts = ["example.com"] } }, new() { Url = new() { Hosts = ["EXAMPLE.com", "*.example.com"] } }),
        ["any host"] = (new() { Url = new() { Hosts = ["example.com"] } }, new() { Url = new() }),
        ["host deny"] = (new() { Url = new() { Deny = ["a.com", "b.com"] } }, new() { Url = new() { Deny = ["a.com"] } }),
        ["schemes"] = (new() { Url = new() { Schemes = ["https"] } }, new() { Url = new() { Schemes = ["https", "wss"] } }),
        ["web"] = (new() { Url = new() { Schemes = ["https"] } }, new() { Url = new() }),
        ["ports"] = (new() { Url = new() { Ports = [443] } }, new() { Url = new() { Ports = [443, 8443] } }),
        ["private"] = (new() { Url = new() }, new() { Url = new() { AllowPrivate = true } }),
        ["commands"] = (new() { Command = new() { Allow = ["git log"] } }, new() { Command = new() { Allow = ["git", "ls"] } }),
        ["command deny"] = (new() { Command = new() { Deny = ["rm", "mv"] } }, new() { Command = new() { Deny = ["rm"] } }),
        ["shell"] = (new() { Command = new() }, new() { Command = new() { Shell = ["pipe"] } }),
        ["otherwise"] = (new() { Maximum = 1 }, new() { Maximum = 1, Otherwise = Otherwise.Ask }),
    };

    public static TheoryData<string> Members => [.. Narrower.Keys];

    [Theory, MemberData(nameof(Members))]
    public void AStricterRuleNarrowsAndALooserOneWidens(string name)
    {
        var (narrow, wide) = Narrower[name];
        Assert.True(IsNarrower(Judged.Tool(("x", narrow)), Judged.Tool(("X", wide))));
        Assert.False(IsNarrower(Judged.Tool(("x", wide)), Judged.Tool(("x", narrow))));
    }

    [Fact]
    public void AToolThatMayVouchForValuesWidens()
    {
        var vouching = Judged.Tool(("x", new() { From = ["user", "search_*"] }));
        Assert.False(IsNarrower(vouching, None));
        Assert.False(IsNarrower(vouching, Judged.Tool(("x", new()))));
        Assert.True(IsNarrower(vouching, Judged.Tool(("x", new() { From = ["search.*", "user", "list"] }))));
    }

    [Fact]
    public void ARuleMoreNarrowsAndARuleLessWidens()
    {
        var ruled = Judged.Tool(("x", new() { Maximum = 1 }), ("y.*.z", new() { Pattern = "a" }));
        Assert.True(IsNarrower(ruled, None));
        Assert.True(IsNarrower(ruled, ruled));
        Assert.False(IsNarrower(None, ruled));
        Assert.Equal("$.tools['t'].arguments['x']", Assert.Single(ArgumentComparison.Widenings(Judged.Tool(("y.*.z", new() { Pattern = "a" })), ruled, "$.tools['t']")).Path);
    }

    [Fact]
    public void WhereUnnamedArgumentsAreRefusedARuleMoreWidens()
    {
        var (one, two) = (Judged.Tool(("x", new())) with { AdditionalArguments = AdditionalArguments.Block }, Judged.Tool(("x", new()), ("y", new() { Maximum = 1 })) with { AdditionalArguments = AdditionalArguments.Block });
        Assert.True(IsNarrower(one, None));
        Assert.False(IsNarrower(two, one));
        Assert.False(IsNarrower(Judged.Tool(("x", new())), one));
        Assert.False(IsNarrower(one, two));   // y has lost its rule, though nobody can send it any more
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("intranet")]
    public void NamingAPrivateHostWidens(string host) => Assert.False(IsNarrower(Judged.Tool(("x", new() { Url = new() { Hosts = [host] } })), Judged.Tool(("x", new() { Url = new() }))));

    [Fact]
    public void ANewEntryNarrowsWhenItTakesNoOthersPlace()
    {
        var rules = Judged.Tool(("x", new() { Maximum = 1 }));
        var wide = Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["send_*"] = new() } };
        Assert.True(With(wide, "get", rules).IsNarrowerThan(wide));
        Assert.False(With(wide, "send_email", rules).IsNarrowerThan(wide));
        Assert.False(With(wide, "get", rules with { Risk = ToolRisk.High }).IsNarrowerThan(wide));
        Assert.False(With(wide, "get", rules with { MaxResult = 1_000_000 }).IsNarrowerThan(wide));
        Assert.False(wide.IsNarrowerThan(With(wide, "get", rules)));
    }

    /// <summary>The oracle: what the narrower rules let pass, the wider ones do too, and what they ask about is not blocked there.</summary>
    [Fact]
    public void WhateverPassesUnderNarrowerRulesPassesUnderTheWider()
    {
        var found = 0;
        Gen.Select(Tools, Tools, Values, Values).Sample((mine, theirs, x, y) =>
        {
            var (narrow, wide) = (Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["tool"] = mine } }, Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["tool"] = theirs } });
            if (IsValid(narrow) && IsValid(wide) && narrow.IsNarrowerThan(wide))
            {
                Interlocked.Increment(ref found);
                var (a, b) = (Judged.Verdict(mine, ("x", x), ("y", y)).Decision, Judged.Verdict(theirs, ("x", x), ("y", y)).Decision);
                Assert.True(a >= b, $"{a} under the narrower, {b} under the wider");
            }
        }, iter: Extent.Of(5_000, 1_500));
        Assert.True(found > Extent.Of(200, 60), $"{found}");
    }

    private static readonly Gen<object?> Values = OneOf<object?>(null, "a", "b", "a@example.com", 1, 2, 5.5, true, "/srv/data/a", "/srv/data/key.pem", "/etc/x", "/srv/data/../x", "C:\\a", "https://example.com", "http://127.0.0.1", "https://a.com:8443", "wss://example.com", "example.com", "ls", "ls | wc", "git log", "rm a", "ls 'x", new List<object?> { 1, 2 }, new Dictionary<string, object?> { ["a"] = "b" });

    private static readonly Gen<ArgumentPolicy> Rules = Gen.Select(
        OneOf<ArgumentPolicy>(
            new(), new() { Type = ArgumentType.String }, new() { Type = ArgumentType.Number }, new() { Type = ArgumentType.Integer }, new() { Enum = ["a"] }, new() { Enum = ["a", "1", "true"] }, new() { Pattern = "a*" }, new() { Pattern = "A*" }, new() { Minimum = 1 }, new() { Minimum = 2 }, new() { Maximum = 2 }, new() { Maximum = 5 },
            new() { MinLength = 1 }, new() { MaxLength = 1 }, new() { MaxItems = 1 }, new() { MaxItems = 2 }, new() { Keys = ["a"] }, new() { Keys = ["a", "b*"] }, new() { Forbidden = true }, new() { Required = true },
            new() { Path = new() }, new() { Path = new() { Under = ["/srv"] } }, new() { Path = new() { Under = ["/srv/data"], Deny = ["*.pem"] } }, new() { Path = new() { Deny = ["*.pem"] } }, new() { Path = new() { Base = "C:\\x" } }, new() { Path = new() { Base = "/srv/data" } }, new() { Path = new() { Under = ["C:\\"] } },
            new() { Url = new() }, new() { Url = new() { Hosts = ["example.com"] } }, new() { Url = new() { Hosts = ["*.com", "example.com"] } }, new() { Url = new() { Hosts = ["127.0.0.1"] } }, new() { Url = new() { AllowPrivate = true } }, new() { Url = new() { Schemes = ["https"] } }, new() { Url = new() { Schemes = ["https", "wss"] } }, new() { Url = new() { Ports = [8443] } }, new() { Url = new() { Ports = [443, 8443], Deny = ["a.com"] } },
            new() { Command = new() }, new() { Command = new() { Allow = ["ls"] } }, new() { Command = new() { Allow = ["git", "ls"], Shell = ["pipe"] } }, new() { Command = new() { Allow = ["git log"] } }, new() { Command = new() { Deny = ["rm"] } }),
        OneOf(Otherwise.Block, Otherwise.Block, Otherwise.Ask),
        static (rule, otherwise) => rule with { Otherwise = otherwise });

    private static readonly Gen<ToolPolicy> Tools = Gen.Select(Gen.Dictionary(OneOf("x", "y", "*", "x.a", "y.*"), Rules)[0, 2], OneOf(AdditionalArguments.Allow, AdditionalArguments.Allow, AdditionalArguments.Block), static (rules, additional) => new ToolPolicy { Arguments = rules, AdditionalArguments = additional });

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static bool IsNarrower(ToolPolicy narrow, ToolPolicy wide) => With(Given.Open, "t", narrow).IsNarrowerThan(With(Given.Open, "t", wide));

    private static AegisPolicy With(AegisPolicy policy, string glob, ToolPolicy tool) => policy with { Tools = policy.Tools.Append(new(glob, tool)).ToDictionary() };

    private static bool IsValid(AegisPolicy policy)
    {
        try
        {
            PolicyCompiler.ThrowIfWrong(policy);
            return true;
        }
        catch (PolicyException)
        {
            return false;
        }
    }
}
