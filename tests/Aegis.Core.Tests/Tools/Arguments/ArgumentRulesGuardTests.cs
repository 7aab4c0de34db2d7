using System.Text.Json;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;
using Aegis.Tools.Arguments;
using CsCheck;

namespace Aegis.Core.Tests.Tools.Arguments;

/// <summary>Promise P20: arguments are judged after parsing and exactly as they would run.</summary>
public class ArgumentRulesGuardTests
{
    private static readonly SessionId Session = new("s");

    private static readonly Dictionary<string, (ArgumentPolicy Rule, object? Value, string Expected)> Table = new(
    [
        Row(new() { Type = ArgumentType.String }, "a", "passes"),
        Row(new() { Type = ArgumentType.String }, 1, "arguments/type"),
        Row(new() { Type = ArgumentType.Number }, 1.5, "passes"),
        Row(new() { Type = ArgumentType.Number }, "1.5", "arguments/type"),
        Row(new() { Type = ArgumentType.Integer }, 3, "passes"),
        Row(new() { Type = ArgumentType.Integer }, 3.0m, "passes"),
        Row(new() { Type = ArgumentType.Integer }, 3.5, "arguments/type"),
        Row(new() { Type = ArgumentType.Integer }, "3", "arguments/type"),
        Row(new() { Type = ArgumentType.Integer }, Json("1e400"), "arguments/type"),
        Row(new() { Type = ArgumentType.Boolean }, true, "passes"),
        Row(new() { Type = ArgumentType.Boolean }, false, "passes"),
        Row(new() { Type = ArgumentType.Boolean }, "true", "arguments/type"),
        Row(new() { Type = ArgumentType.Boolean }, 1, "arguments/type"),
        Row(new() { Type = ArgumentType.Object }, Json("{}"), "passes"),
        Row(new() { Type = ArgumentType.Object }, "{x", "arguments/type"),
        Row(new() { Type = ArgumentType.Object }, Json("[]"), "arguments/type"),
        Row(new() { Type = ArgumentType.Array }, Json("[]"), "passes"),
        Row(new() { Type = ArgumentType.Array }, "a,b", "arguments/type"),

        Row(new() { Enum = ["EUR", "USD"] }, "EUR", "passes"),
        Row(new() { Enum = ["EUR", "USD"] }, "eur", "arguments/enum"),
        Row(new() { Enum = ["EUR", "USD"] }, "EUR ", "arguments/enum"),
        Row(new() { Enum = ["EUR", "USD"] }, "ЕUR", "arguments/enum"),
        Row(new() { Enum = ["1", "2"] }, 1, "passes"),
        Row(new() { Enum = ["1", "2"] }, Json("1.0"), "passes"),
        Row(new() { Enum = ["1", "2"] }, Json("1e0"), "passes"),
        Row(new() { Enum = ["1", "2"] }, 3, "arguments/enum"),
        Row(new() { Enum = ["1", "2"], Type = ArgumentType.Integer }, "1", "arguments/type"),
        Row(new() { Enum = ["true"] }, true, "passes"),
        Row(new() { Enum = ["true"] }, false, "arguments/enum"),
        Row(new() { Enum = ["x"] }, Json("[\"x\"]"), "arguments/enum"),
        Row(new() { Enum = ["x"] }, Json("{\"x\":1}"), "arguments/enum"),

        Row(new() { Pattern = "*@example.com" }, "bob@example.com", "passes"),
        Row(new() { Pattern = "*@example.com" }, "BOB@EXAMPLE.COM", "passes"),
        Row(new() { Pattern = "*@example.com" }, "bob.o'neil+x@example.com", "passes"),
        Row(new() { Pattern = "*@example.com" }, "bob@example.com.evil.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "bob@evil-example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "bob@exаmple.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "bob@exam\u200bple.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "bob@example.com.", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "bob@example。com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "bob@ｅxample.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "eve@evil.com, bob@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "eve@evil.com;bob@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "eve@evil.com\nbob@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "eve@evil.com bob@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "<eve@evil.com> bob@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "eve@evil.com@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "\"eve@evil.com\"@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "eve(x)@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, "bob\u202e@example.com", "arguments/pattern"),
        Row(new() { Pattern = "*@example.com" }, Json("[\"bob@example.com\"]"), "arguments/type"),
        Row(new() { Pattern = "*@example.com" }, Json("{\"a\":\"bob@example.com\"}"), "arguments/type"),
        Row(new() { Pattern = "1*" }, 12, "arguments/type"),
        Row(new() { Pattern = "a?c" }, "abc", "passes"),
        Row(new() { Pattern = "a?c" }, "ac", "arguments/pattern"),
        Row(new() { Pattern = "a*c" }, "a\nc", "arguments/pattern"),
        Row(new() { Pattern = "a-b" }, "a_b", "arguments/pattern"),
        Row(new() { Pattern = "*" }, new string('x', 32_769), "arguments/pattern"),
        Row(new() { Pattern = "k" }, "\u212A", "arguments/pattern"),

        Row(new() { Minimum = 1, Maximum = 100 }, 1, "passes"),
        Row(new() { Minimum = 1, Maximum = 100 }, 100, "passes"),
        Row(new() { Minimum = 1, Maximum = 100 }, 0, "arguments/range"),
        Row(new() { Minimum = 1, Maximum = 100 }, 100.01, "arguments/range"),
        Row(new() { Minimum = 1, Maximum = 100 }, "50", "arguments/range"),
        Row(new() { Minimum = 1, Maximum = 100 }, true, "arguments/range"),
        Row(new() { Minimum = 1, Maximum = 100 }, Json("[50]"), "arguments/range"),
        Row(new() { Maximum = 100 }, -5, "passes"),
        Row(new() { Maximum = 100 }, Json("1e2"), "passes"),
        Row(new() { Maximum = 100 }, Json("1E+2"), "passes"),
        Row(new() { Maximum = 100 }, Json("1e3"), "arguments/range"),
        Row(new() { Maximum = 100 }, Json("1e400"), "arguments/range"),
        Row(new() { Minimum = 0 }, Json("1e30"), "arguments/range"),
        Row(new() { Minimum = 0 }, Json("-0"), "passes"),
        Row(new() { Minimum = 0 }, Json("-1e-30"), "arguments/range"),
        Row(new() { Maximum = 100 }, Json("100.0000000000000000000000000000000000001"), "arguments/range"),
        Row(new() { Maximum = 100 }, Json("100.00000000000000000001"), "arguments/range"),
        Row(new() { Maximum = 100 }, Json(new string('9', 1_000)), "arguments/range"),
        Row(new() { Maximum = 100 }, Json("1e-99999999999"), "arguments/range"),

        Row(new() { MinLength = 2, MaxLength = 3 }, "ab", "passes"),
        Row(new() { MinLength = 2, MaxLength = 3 }, "a", "arguments/length"),
        Row(new() { MinLength = 2, MaxLength = 3 }, "abcd", "arguments/length"),
        Row(new() { MinLength = 2, MaxLength = 3 }, 12, "arguments/type"),
        Row(new() { MinLength = 2 }, Json("[1,2]"), "arguments/type"),

        Row(new() { MaxItems = 2 }, Json("[1,2]"), "passes"),
        Row(new() { MaxItems = 2 }, Json("[1,2,3]"), "arguments/items"),
        Row(new() { MaxItems = 2 }, Json("{\"a\":1,\"b\":2}"), "passes"),
        Row(new() { MaxItems = 2 }, Json("{\"a\":1,\"b\":2,\"c\":3}"), "arguments/items"),
        Row(new() { MaxItems = 2 }, "ab", "arguments/items"),

        Row(new() { Keys = ["x-*", "accept"] }, Json("{\"X-Trace\":1,\"Accept\":2}"), "passes"),
        Row(new() { Keys = ["x-*", "accept"] }, Json("{}"), "passes"),
        Row(new() { Keys = ["x-*", "accept"] }, Json("{\"cookie\":1}"), "arguments/keys"),
        Row(new() { Keys = ["x-*", "accept"] }, Json("{\"x_trace\":1}"), "arguments/keys"),
        Row(new() { Keys = ["x-*"] }, Json("{\"x-a\\r\\nb\":1}"), "arguments/keys"),
        Row(new() { Keys = ["x-*"] }, Json("[1]"), "arguments/keys"),
        Row(new() { Keys = ["x-*"] }, "x-a", "arguments/keys"),

        Row(new() { Forbidden = true }, "a", "arguments/forbidden"),
        Row(new() { Forbidden = true }, false, "arguments/forbidden"),
        Row(new() { Forbidden = true }, null, "passes"),
        Row(new() { Required = true }, "a", "passes"),
        Row(new() { Required = true }, "", "passes"),
        Row(new() { Required = true }, null, "arguments/required"),
        Row(new() { Type = ArgumentType.String, Pattern = "a" }, null, "passes"),

        Row(new() { Path = new() { Under = ["/srv"] } }, 5, "arguments/type"),
        Row(new() { Url = new() }, Json("[\"https://example.com\"]"), "arguments/type"),
        Row(new() { Command = new() }, Json("[\"ls\"]"), "arguments/type"),
        Row(new() { Url = new() }, new Uri("https://user@example.com"), "arguments/url"),
    ]);

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory, MemberData(nameof(Cases))]
    public void ARuleHoldsOrDoesNot(string name)
    {
        var (rule, value, expected) = Table[name];
        Assert.Equal(expected == "passes" ? expected : $"Block {expected}", Judged.By(rule, value));
    }

    [Theory, MemberData(nameof(Cases))]
    public void APersonIsAskedWhereThePolicySaysSo(string name)
    {
        var (rule, value, expected) = Table[name];
        var isUnreadable = value is Uri;
        Assert.Equal(expected == "passes" ? expected : $"{(isUnreadable ? "Block" : "Ask")} {expected}", Judged.By(rule with { Otherwise = Otherwise.Ask }, value));
    }

    [Theory]
    [InlineData("""{"updates":{"email":"a@example.com"}}""", "passes")]
    [InlineData("""{"updates":{"EMAIL":"a@example.com"}}""", "passes")]
    [InlineData("""{"Updates":{"Email":"a@evil.com"}}""", "Block arguments/pattern")]
    [InlineData("""{"updates":{"email":null}}""", "passes")]
    [InlineData("""{"updates":{}}""", "passes")]
    [InlineData("""{"updates":null}""", "passes")]
    [InlineData("{}", "passes")]
    [InlineData("""{"updates":"{\"email\":\"a@evil.com\"}"}""", "Block arguments/type arguments/type")]
    [InlineData("""{"updates":"email"}""", "Block arguments/type")]
    [InlineData("""{"updates":5}""", "Block arguments/type")]
    [InlineData("""{"updates":[{"email":"a@evil.com"}]}""", "Block arguments/type")]
    [InlineData("""{"attendees":[{"email":"a@example.com"},{"email":"b@example.com"}]}""", "passes")]
    [InlineData("""{"attendees":[{"email":"a@example.com"},{"email":"b@evil.com"}]}""", "Block arguments/pattern")]
    [InlineData("""{"attendees":[{"email":"b@evil.com"},{"email":"c@evil.com"}]}""", "Block arguments/pattern")]
    [InlineData("""{"attendees":{"x":{"email":"b@evil.com"}}}""", "Block arguments/pattern")]
    [InlineData("""{"attendees":["b@evil.com"]}""", "Block arguments/type")]
    [InlineData("""{"attendees":"b@evil.com"}""", "Block arguments/type")]
    [InlineData("""{"attendees":[[{"email":"b@evil.com"}]]}""", "Block arguments/type")]
    [InlineData("""{"attendees":[]}""", "passes")]
    [InlineData("""{"@odata.type":"a"}""", "passes")]
    [InlineData("""{"@odata.type":"b"}""", "Block arguments/enum")]
    public void RulesReachNestedValuesAndWhatHasNoMembersHasNone(string arguments, string expected) => Assert.Equal(expected, Judged.By(Judged.Tool(
        ("updates.email", new() { Pattern = "*@example.com" }), ("attendees.*.email", new() { Pattern = "*@example.com" }), (@"@odata\.type", new() { Enum = ["a"] })), arguments));

    [Theory]
    [InlineData("""{"order":{"id":1}}""", "passes")]
    [InlineData("""{"order":{"ID":1}}""", "passes")]
    [InlineData("""{"order":{}}""", "Block arguments/required")]
    [InlineData("""{"order":{"id":null}}""", "Block arguments/required")]
    [InlineData("""{"items":[{"id":1},{}]}""", "Block arguments/required")]
    [InlineData("{}", "passes")]
    public void AMemberIsRequiredWhereItsObjectIs(string arguments, string expected) => Assert.Equal(expected, Judged.By(Judged.Tool(("order.id", new() { Required = true }), ("items.*.id", new() { Required = true })), arguments));

    [Fact]
    public void ARequiredArgumentMustBeThere()
    {
        var tool = Judged.Tool(("to", new() { Required = true }));
        Assert.Equal(["Block arguments/required", "Block arguments/required", "passes", "passes"], new[] { "{}", """{"cc":1}""", """{"to":1}""", """{"To":1}""" }.Select(json => Judged.By(tool, json)));
    }

    [Fact]
    public void EveryRuleThatReachesAValueCounts()
    {
        var tool = Judged.Tool(("*", new() { MaxLength = 5 }), ("to", new() { Pattern = "a*" }));
        Assert.Equal("passes", Judged.By(tool, """{"to":"abc","cc":"x"}"""));
        Assert.Equal("Block arguments/pattern arguments/length", Judged.By(tool, """{"to":"bcdefg"}"""));
        Assert.Contains("arguments/length", Judged.By(tool, """{"to":"abcdef"}"""), StringComparison.Ordinal);
        Assert.Contains("arguments/pattern", Judged.By(tool, """{"to":"b"}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"to":"a"}""", "passes")]
    [InlineData("""{"TO":"a"}""", "passes")]
    [InlineData("""{"to":"a","cc":"b"}""", "Block arguments/unknown")]
    [InlineData("""{"to":"a","cc":null}""", "Block arguments/unknown")]
    [InlineData("""{"to":"a","tо":"b"}""", "Block arguments/unknown")]
    [InlineData("""{"to":"a","to\u200b":"b"}""", "Block arguments/unknown")]
    [InlineData("""{"updates":{"anything":1}}""", "passes")]
    public void ArgumentsThatNoRuleNamesAreRefusedWhereThePolicySaysSo(string arguments, string expected)
    {
        Assert.Equal(expected, Judged.By(Judged.Tool(("to", new()), ("updates.email", new())) with { AdditionalArguments = AdditionalArguments.Block }, arguments));
    }

    [Fact]
    public void AStarNamesNoArgument() => Assert.Equal("Block arguments/unknown", Judged.By(Judged.Tool(("*", new() { MaxLength = 9 })) with { AdditionalArguments = AdditionalArguments.Block }, """{"to":"a"}"""));

    /// <summary>What an app's function reads in a text, the rule has not seen.</summary>
    [Theory]
    [InlineData("array", """["a@evil.com","b@example.com"]""", "arguments/type")]
    [InlineData("object", """{"a":1}""", "arguments/type")]
    [InlineData(null, """["/etc/passwd"]""", "arguments/type")]
    [InlineData(null, """ "/etc/passwd" """, "arguments/type")]
    [InlineData(null, """/**/["x",]""", "arguments/type")]
    [InlineData("string", """["a"]""", "passes")]
    [InlineData("string", "[draft] hello", "passes")]
    [InlineData(null, "[draft] hello", "passes")]
    [InlineData("array", "[draft", "passes")]
    public void ATextThatAFunctionReadsAsSomethingElseIsRefused(string? type, string text, string expected)
    {
        var schema = type is null ? (JsonElement?)null : Json("""{"properties":{"X":{"type":["null","TYPE"]}}}""".Replace("TYPE", type, StringComparison.Ordinal));
        var verdict = Judged.Verdict(Judged.Tool(("x", new() { MaxLength = 100 })), JsonSerializer.Serialize(new Dictionary<string, string> { ["x"] = text }), schema);
        Assert.Equal(expected, verdict.Rule ?? "passes");
    }

    [Fact]
    public void AFindingNamesThePolicyAndNothingOfTheCall()
    {
        const string Secret = "TAINT-77";
        var tool = Judged.Tool(("to", new() { Pattern = "*@example.com", Enum = ["a"], Type = ArgumentType.String, MaxLength = 3 }), ("path", new() { Path = new() { Under = ["/srv"] } }), ("url", new() { Url = new() { Hosts = ["a.b"] } }), ("run", new() { Command = new() { Allow = ["ls"] } }), ("h", new() { Keys = ["x"] }), ("m.*.e", new() { Required = true })) with { AdditionalArguments = AdditionalArguments.Block };
        var verdict = Judged.Verdict(tool, """{"to":"{{{Secret}}}","path":"/{{{Secret}}}","url":"https://{{{Secret}}}.com","run":"{{{Secret}}} {{{Secret}}}","h":{"{{{Secret}}}":1},"{{{Secret}}}":1,"m":{"{{{Secret}}}":{"x":1}}}""".Replace("{{{Secret}}}", Secret, StringComparison.Ordinal));
        Assert.Equal(["arguments/command", "arguments/enum", "arguments/keys", "arguments/length", "arguments/path", "arguments/pattern", "arguments/required", "arguments/unknown", "arguments/url"], verdict.Findings.Select(static finding => finding.Rule).Order(StringComparer.Ordinal));
        Assert.All(verdict.Findings, static finding =>
        {
            Assert.StartsWith("tools['tool'].a", finding.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, finding.Detail, StringComparison.OrdinalIgnoreCase);
        });
        Assert.Contains(verdict.Findings, static finding => finding.Detail == "tools['tool'].arguments['to'].pattern: is another text");
    }

    [Fact]
    public void ABlockIsNeverLostAmongQuestions()
    {
        var rules = Enumerable.Range(0, 100).Select(static i => ($"a{i:000}", new ArgumentPolicy { Maximum = 1, Otherwise = Otherwise.Ask })).Append(("z", new ArgumentPolicy { Maximum = 1 })).ToArray();
        var verdict = Judged.Verdict(Judged.Tool(rules), JsonSerializer.Serialize(rules.ToDictionary(static rule => rule.Item1, static _ => 2)));
        Assert.Equal((Decision.Block, 17), (verdict.Decision, verdict.Findings.Length));
    }

    /// <summary>Promise P20, the rest: what cannot be read at all never comes so far.</summary>
    [Fact]
    public async Task WhatCannotBeReadIsRefusedBeforeAnyRule()
    {
        var loop = new Dictionary<string, object?>();
        loop["x"] = loop;
        using var guard = Given.Guard(Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["*"] = Judged.Tool(("x", new())) } });
        foreach (var (value, rule) in new (object?, string)[]
        {
            (Json("""{"x":1,"x":2}"""), "arguments/duplicate-key"), (Json("""{"x":1,"X":2}"""), "arguments/duplicate-key"), (Json("""{"__proto__":{}}"""), "arguments/reserved-key"), (Json("""{"constructor":{}}"""), "arguments/reserved-key"),
            (loop, "arguments/depth"), (Json(new string('[', 1_000) + new string(']', 1_000)), "arguments/depth"), (new string('x', 10_000_000), "arguments/size"), (new Version(1, 2), "arguments/unscannable"), (new MemoryStream(), "arguments/unscannable"), ("\ud800", "arguments/unreadable"),
        })
        {
            Assert.Equal(rule, await guard.RuleOf(new ToolCall("t", Given.Arguments(("x", value))) { Tools = guard.Tools("t") }, Session));
        }

        Assert.Equal("arguments/unparsable", (await new ArgumentRulesGuard(guard.Pipeline.Policy.Tools).InspectAsync(new ToolCall("t", ToolArguments.Unparsable), default, Given.Cancel)).Rule);
    }

    [Fact]
    public async Task TheDeepestArgumentsThatAreReadAreJudged()
    {
        using var guard = Given.Guard(Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["*"] = Judged.Tool(("x", new() { MaxItems = 1 }), ("y", new() { Forbidden = true })) } });
        var deep = Json(new string('[', 63) + new string(']', 63));
        Assert.Equal("passes", await guard.RuleOf(new ToolCall("t", Given.Arguments(("x", deep))) { Tools = guard.Tools("t") }, Session));
        Assert.Equal("arguments/forbidden", await guard.RuleOf(new ToolCall("t", Given.Arguments(("x", deep), ("y", 1))) { Tools = guard.Tools("t") }, Session));
    }

    [Theory]
    [InlineData("send_email", "arguments/forbidden")]
    [InlineData("SEND_EMAIL", "arguments/forbidden")]
    [InlineData("send-email", "arguments/forbidden")]
    [InlineData("send_sms", "arguments/required")]
    [InlineData("other", "passes")]
    public async Task TheMostSpecificEntryCounts(string tool, string expected)
    {
        using var guard = Given.Guard(Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["send_*"] = Judged.Tool(("y", new() { Required = true })), ["send_email"] = Judged.Tool(("n", new() { Forbidden = true })) } });
        Assert.Equal(expected, await guard.RuleOf(guard.Call(tool, 1), Session));
    }

    [Fact]
    public async Task TheRulesOfALocalNameCountToo()
    {
        using var guard = Given.Guard(Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["*"] = new(), ["send_email"] = Judged.Tool(("n", new() { Forbidden = true })) } });
        var tools = guard.ToolsetOf([new ToolInfo("Mail-send_email") { LocalName = "send_email" }]);
        Assert.Equal("arguments/forbidden", await guard.RuleOf(new ToolCall("Mail-send_email", Given.Arguments(("n", 1))) { Tools = tools }, Session));
        Assert.Equal("passes", await guard.RuleOf(new ToolCall("Mail-send_email", Given.Arguments(("m", 1))) { Tools = tools }, Session));
    }

    [Fact]
    public async Task AQuestionIsOnePersonsAndADenialNobodys()
    {
        var policy = Given.Open with { Tools = new Dictionary<string, ToolPolicy> { ["pay"] = Judged.Tool(("n", new() { Maximum = 100, Otherwise = Otherwise.Ask })) } };
        using var guard = Given.Guard(policy);
        Assert.Equal("passes", await guard.RuleOf(guard.Call("pay", 100), Session));
        Assert.Equal("approval/no-approver", await guard.RuleOf(guard.Call("pay", 101), Session));
        Assert.Equal("passes", await guard.RuleOf(guard.Call("pay", 101) with { Approved = true }, Session));
    }

    [Fact]
    public async Task InMonitorModeAnArgumentIsRecordedAndNothingBlocked()
    {
        using var guard = Given.Guard(Given.Open with { Mode = PolicyMode.Monitor, Tools = new Dictionary<string, ToolPolicy> { ["t"] = Judged.Tool(("n", new() { Maximum = 1 })) } });
        var outcome = await guard.InspectAsync(guard.Call("t", 2), Session, Given.Cancel);
        Assert.True(outcome.MayProceed);
        Assert.Equal("arguments/range", outcome.Verdict.Rule);
    }

    /// <summary>A rule decides on the value, not on how it came.</summary>
    [Fact]
    public void TheRepresentationOfAValueChangesNothing() => Gen.Select(Gen.OneOf("a", "b@example.com", "x", "1", "100", "[1]", "{}", "/srv/a", "/etc", "https://example.com"), Gen.Int[-200, 200]).Sample(static (text, number) =>
    {
        ArgumentPolicy[] rules = [new() { Pattern = "*@example.com" }, new() { Maximum = 100 }, new() { Enum = ["a", "1"] }, new() { Type = ArgumentType.String }, new() { Path = new() { Under = ["/srv"] } }, new() { Url = new() }];
        foreach (var rule in rules)
        {
            Assert.Equal(Judged.By(rule, text), Judged.By(rule, JsonSerializer.SerializeToElement(text)));
            Assert.Equal(Judged.By(rule, number), Judged.By(rule, JsonSerializer.SerializeToElement(number)));
            Assert.Equal(Judged.By(rule, number), Judged.By(rule, (decimal)number));
        }
    }, iter: 50);

    private static KeyValuePair<string, (ArgumentPolicy, object?, string)> Row(ArgumentPolicy rule, object? value, string expected)
    {
        var shown = $"{value}";
        var said = rule.GetType().GetProperties().Select(property => (property.Name, Value: property.GetValue(rule))).Where(static member => member.Value is not (null or false or Otherwise.Block)).Select(static member => $"{member.Name} {(member.Value is IEnumerable<string> list ? string.Join('|', list) : member.Value)}");
        return new($"{string.Join(", ", said)}: {value?.GetType().Name} {(shown.Length > 60 ? shown[..60] : shown).Replace("\ud800", "", StringComparison.Ordinal)} {shown.Length}", (rule, value, expected));
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json, new() { MaxDepth = 200_000 }).RootElement;
}
