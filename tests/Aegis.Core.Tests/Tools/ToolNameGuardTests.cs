using Aegis.Core.Tests.Sessions;
using Aegis.Tools;

namespace Aegis.Core.Tests.Tools;

/// <summary>Promise P19: a name that looks like another one, or like nothing, is no tool.</summary>
public class ToolNameGuardTests
{
    private static readonly SessionId Session = new("s");

    [Theory]
    [InlineData("read_f\u0456le")]     // Cyrillic і
    [InlineData("READ_FILE")]
    [InlineData("Read_file")]
    [InlineData("\uFF52\uFF45\uFF41\uFF44_file")]   // full-width
    [InlineData("read\u200B_file")]    // zero width space
    [InlineData("read_file\u200D")]
    [InlineData("re\u00ADad_file")]    // soft hyphen
    [InlineData("read_fi\u0307le")]    // a dot above that nobody sees on an i
    [InlineData("read_\U0001D41File")] // mathematical bold f
    public async Task ANameThatOnlyLooksLikeAToolIsRefused(string name)
    {
        var guard = Given.Guard(Given.Open);
        var tools = guard.Tools("read_file");

        Assert.Equal("passes", await guard.RuleOf(new ToolCall("read_file", ToolArguments.Empty) { Tools = tools }, Session));
        Assert.Equal("tool/confusable-name", await guard.RuleOf(new ToolCall(name, ToolArguments.Empty) { Tools = tools }, Session));
    }

    [Theory]
    [InlineData("read_file", "read_f\u0456le")]
    [InlineData("read_file", "READ_FILE")]
    [InlineData("read_file", "read_file")]
    [InlineData("read_file", "read\u200B_file")]
    public async Task OfTwoToolsThatShareANameNeitherStays(string first, string second)
    {
        var guard = Given.Guard(Given.Open);
        var tools = guard.Tools(first, "other", second);

        Assert.Equal("other", Assert.Single(tools.Tools).Name);
        foreach (var name in (string[])[first, second])
        {
            Assert.Equal("tool/confusable-name", await guard.RuleOf(new ToolCall(name, ToolArguments.Empty) { Tools = tools }, Session));
        }
    }

    [Fact]
    public async Task AToolThatTheRunDoesNotHaveIsUnknownAndWhereNobodySaysWhatItHasThePolicyNamesThem()
    {
        var guard = Given.Guard(Given.Open with { Capabilities = new() { Allow = ["*", "named"], RequireApproval = ["asked"] } }, more: static builder => builder.UseApprover(static (_, _) => new(true)));
        var tools = guard.Tools("read_file");
        foreach (var offered in (Toolset?[])[tools, null])
        {
            Assert.Equal("tool/unknown", await guard.RuleOf(new ToolCall("write_file", ToolArguments.Empty) { Tools = offered }, Session));
            var expected = offered is null ? "passes" : "tool/unknown";   // else a policy that names a tool would be wider than one that allows all
            Assert.Equal(expected, await guard.RuleOf(new ToolCall("named", ToolArguments.Empty) { Tools = offered }, Session));
            Assert.Equal(expected, await guard.RuleOf(new ToolCall("asked", ToolArguments.Empty) { Tools = offered }, Session));
            Assert.Equal("tool/unknown", await guard.RuleOf(new ToolCall("n\u0430med", ToolArguments.Empty) { Tools = offered }, Session));
        }
    }

    [Fact]
    public void AToolWithALocalNameThatIsNotItsEndIsNotOffered()
    {
        var guard = Given.Guard(Given.Open);
        Assert.Equal(["crm-drop", "tidy"], guard.ToolsetOf([new("tidy"), new("tidy_up") { LocalName = "drop" }, new("crm-drop") { LocalName = "drop" }, new("backdrop") { LocalName = "drop" }]).Tools.Select(static tool => tool.Name).Order(StringComparer.Ordinal));
    }

    public static TheoryData<string> BadNames => ["", new string('x', ToolName.MaxLength + 1), "a\nb", "a\0b", "a\u001b[0m", "\ud800", "a\udc00b"];

    [Theory, MemberData(nameof(BadNames), DisableDiscoveryEnumeration = true)]
    public async Task ANameThatNobodyCanWriteIsRefused(string name)
    {
        var guard = Given.Guard(Given.Open);

        Assert.Equal("tool/name", await guard.RuleOf(new ToolCall(name, ToolArguments.Empty) { Tools = guard.Tools("get") }, Session));
        Assert.Empty(guard.Tools(name).Tools);
    }

    [Fact]
    public async Task AToolNamedInAnotherScriptWorksWhenItIsOffered()
    {
        var guard = Given.Guard(Given.Open);
        foreach (var name in (string[])["\u691C\u7D22", "\u0447\u0442\u0435\u043D\u0438\u0435", "pr\u00FCfen"])
        {
            Assert.Equal("passes", await guard.RuleOf(guard.Call(name), Session));
        }
    }

    [Fact]
    public async Task FloodingTheRulesWithNamesChangesNoDecision()
    {
        var guard = Given.Guard(Given.Open with { Capabilities = new() { Allow = ["get*"], Deny = ["drop*"] } });
        for (var i = 0; i < 5_000; i++)
        {
            guard.Pipeline.Policy.Tools.For($"x{i}");
        }

        Assert.Equal(Decision.Block, guard.Pipeline.Policy.Tools.For("drop_late").Capability);
        Assert.Equal("passes", await guard.RuleOf(guard.Call("get_late"), Session));
    }
}
