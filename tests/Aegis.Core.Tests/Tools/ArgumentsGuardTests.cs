using System.Text.Json;
using Aegis.Core.Tests.Sessions;
using Aegis.Tools;

namespace Aegis.Core.Tests.Tools;

public class ArgumentsGuardTests
{
    private static readonly JsonElement Schema = JsonSerializer.Deserialize<JsonElement>(
        """{"type":"object","properties":{"count":{"type":"integer"},"share":{"type":"number"},"force":{"type":"boolean"},"name":{"type":"string"},"any":{"type":["integer","string"]},"odd":7}}""");

    public static TheoryData<string, object?, string> Cases => new()
    {
        { "count", 1, "passes" },
        { "count", JsonSerializer.SerializeToElement(1), "passes" },
        { "count", "1", "arguments/type" },
        { "count", JsonSerializer.SerializeToElement("1"), "arguments/type" },
        { "count", true, "arguments/type" },
        { "count", new List<int> { 1 }, "arguments/type" },
        { "share", 0.5m, "passes" },
        { "share", "0.5", "arguments/type" },
        { "force", true, "passes" },
        { "force", false, "passes" },
        { "force", "false", "arguments/type" },
        { "force", 0, "arguments/type" },
        { "force", null, "passes" },
        { "name", "1", "passes" },
        { "any", "1", "passes" },
        { "odd", "1", "passes" },
        { "unheard of", "1", "passes" },
        { "__proto__", 1, "arguments/reserved-key" },
        { "name", "\ud800", "arguments/unreadable" },
    };

    [Theory, MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public async Task ArgumentsHaveTheTypesOfTheSchema(string name, object? value, string rule)
    {
        var guard = Given.Guard(Given.Open);
        var call = new ToolCall("get", Given.Arguments((name, value))) { Tools = guard.ToolsetOf([new("get") { Schema = Schema }]) };

        Assert.Equal(rule, await guard.RuleOf(call, new("s")));
    }

    [Theory, InlineData("null"), InlineData("[]"), InlineData("{}"), InlineData("""{"properties":[]}"""), InlineData("""{"properties":{"count":{"type":"array"}}}""")]
    public async Task ASchemaThatSaysNothingRefusesNothing(string schema)
    {
        var guard = Given.Guard(Given.Open);
        var tools = guard.ToolsetOf([new("get") { Schema = JsonSerializer.Deserialize<JsonElement>(schema) }]);

        Assert.Equal("passes", await guard.RuleOf(new ToolCall("get", Given.Arguments(("count", "1"))) { Tools = tools }, new("s")));
        Assert.Equal("arguments/unparsable", await guard.RuleOf(new ToolCall("get", ToolArguments.Unparsable) { Tools = tools }, new("s")));
    }
}
