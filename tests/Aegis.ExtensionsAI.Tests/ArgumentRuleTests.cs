using System.ComponentModel;
using System.Text.Json;
using Aegis.Policies;
using Aegis.Testing;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Promises P20 and P21 through a real function loop: what a rule refuses does not run, and what runs gets exactly what was judged.</summary>
public class ArgumentRuleTests
{
    private static readonly AegisPolicy Policy = AegisPolicy.Parse("""
        {
          "extends": "balanced",
          "capabilities": { "allow": ["*"] },
          "tools": {
            "send_email": { "additionalArguments": "block", "arguments": { "to": { "pattern": "*@example.com", "required": true }, "cc.*": { "pattern": "*@example.com" }, "subject": {} } },
            "pay": { "arguments": { "amount": { "type": "number", "minimum": 0, "maximum": 100, "otherwise": "ask" } } },
            "read_file": { "arguments": { "path": { "path": { "under": ["/srv/data"], "deny": ["*.pem"] } } } },
            "fetch": { "arguments": { "url": { "url": { "hosts": ["*.example.com"] } } } },
            "run": { "arguments": { "command": { "command": { "allow": ["git log", "ls"] } } } },
            "update": { "arguments": { "updates.email": { "pattern": "*@example.com" } } }
          }
        }
        """, PolicyFormat.Json);

    private readonly List<string> _ran = [];

    private ChatOptions Tools => Some.With(
        AIFunctionFactory.Create((string to, string[]? cc, string? subject) => Ran($"{to}|{string.Join(',', cc ?? [])}|{subject}"), "send_email"),
        AIFunctionFactory.Create((decimal amount) => Ran(FormattableString.Invariant($"{amount}")), "pay"),
        AIFunctionFactory.Create((string path) => Ran(path), "read_file"),
        AIFunctionFactory.Create((Uri url) => Ran(url.OriginalString), "fetch"),
        AIFunctionFactory.Create((string command) => Ran(command), "run"),
        AIFunctionFactory.Create((Updates updates) => Ran($"{updates.Email}"), "update"));

    public sealed record Updates([property: Description("new address")] string? Email, string? Phone);

    [Theory]
    [InlineData("send_email", """{"to":"bob@example.com","cc":["eve@example.com"],"subject":"5"}""", "bob@example.com|eve@example.com|5")]
    [InlineData("send_email", """{"to":"BOB@Example.com","cc":null,"subject":null}""", "BOB@Example.com||")]
    [InlineData("pay", """{"amount":99.5}""", "99.5")]
    [InlineData("pay", """{"amount":1e2}""", "100")]
    [InlineData("read_file", """{"path":"/srv/data/a b/./c.txt"}""", "/srv/data/a b/./c.txt")]
    [InlineData("fetch", """{"url":"https://www.example.com/a?b=%20c"}""", "https://www.example.com/a?b=%20c")]
    [InlineData("run", """{"command":"git log --format='%h %s'"}""", "git log --format='%h %s'")]
    [InlineData("update", """{"updates":{"email":"bob@example.com","phone":"1"}}""", "bob@example.com")]
    public async Task WhatHoldsRunsWithExactlyTheseValues(string tool, string arguments, string ran)
    {
        foreach (var isStreaming in new[] { false, true })
        {
            var model = await AskAsync(tool, arguments, isStreaming);
            Assert.Equal([ran], _ran);
            Assert.DoesNotContain("arguments/", Some.Sent(model), StringComparison.Ordinal);
            _ran.Clear();
        }
    }

    [Theory]
    [InlineData("send_email", """{"to":"eve@evil.com"}""", "arguments/pattern")]
    [InlineData("send_email", """{"to":"eve@evil.com,bob@example.com"}""", "arguments/pattern")]
    [InlineData("send_email", """{"To":"eve@evil.com"}""", "arguments/pattern")]
    [InlineData("send_email", """{"to":"bob@ex\u0061mple.com\u200b"}""", "arguments/pattern")]
    [InlineData("send_email", """{"to":"bob@example.com","cc":["eve@evil.com"]}""", "arguments/pattern")]
    [InlineData("send_email", """{"to":"bob@example.com","cc":"[\"eve@evil.com\"]"}""", "arguments/type")]
    [InlineData("send_email", """{"to":"bob@example.com","bcc":"eve@evil.com"}""", "arguments/unknown")]
    [InlineData("send_email", """{"subject":"x"}""", "arguments/required")]
    [InlineData("send_email", """{"to":["bob@example.com"]}""", "arguments/type")]
    [InlineData("pay", """{"amount":"50"}""", "arguments/type")]
    [InlineData("read_file", """{"path":"/srv/data/../secret"}""", "arguments/path")]
    [InlineData("read_file", """{"path":"/srv/data/%2e%2e/secret"}""", "arguments/path")]
    [InlineData("read_file", """{"path":"/srv/data/\u002e\u002e/secret"}""", "arguments/path")]
    [InlineData("read_file", """{"path":"/srv/data/key.pem"}""", "arguments/path")]
    [InlineData("fetch", """{"url":"https://example.com@evil.com"}""", "arguments/url")]
    [InlineData("fetch", """{"url":"http://2130706433"}""", "arguments/url")]
    [InlineData("fetch", """{"url":"\"https://evil.com\""}""", "arguments/type")]
    [InlineData("run", """{"command":"git log; rm -rf /"}""", "arguments/command")]
    [InlineData("run", """{"command":"git log $(rm -rf /)"}""", "arguments/command")]
    [InlineData("update", """{"updates":{"Email":"eve@evil.com"}}""", "arguments/pattern")]
    [InlineData("update", """{"updates":"{\"email\":\"eve@evil.com\"}"}""", "arguments/type")]
    [InlineData("update", """{"updates":{"email":"bob@example.com","Email":"eve@evil.com"}}""", "arguments/duplicate-key")]
    public async Task WhatDoesNotHoldDoesNotRunAndTheModelIsToldWhy(string tool, string arguments, string rule)
    {
        foreach (var isStreaming in new[] { false, true })
        {
            var model = await AskAsync(tool, arguments, isStreaming);
            Assert.Empty(_ran);
            Assert.Contains(rule, Some.Sent(model), StringComparison.Ordinal);
            Assert.DoesNotContain("evil", Some.Sent(model), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(100, true, 0, true)]
    [InlineData(101, true, 1, true)]
    [InlineData(101, false, 1, false)]
    public async Task APersonIsAskedOnlyAboutArgumentsBeyondTheRule(int amount, bool answer, int questions, bool runs)
    {
        var asked = new List<string>();
        await AskAsync("pay", FormattableString.Invariant($$"""{"amount":{{amount}}}"""), isStreaming: false, builder => builder.UseApprover((request, _) =>
        {
            asked.Add($"{request.Arguments.Canonical} {request.Verdict}");
            return new(answer);
        }));
        Assert.Equal(questions, asked.Count);
        Assert.Equal(runs ? [$"{amount}"] : [], _ran);
        Assert.All(asked, static question => Assert.Equal("""{"amount":101} Ask by arguments/range (tools['pay'].arguments['amount'].maximum: is more)""", question));
    }

    [Fact]
    public async Task OneCallThatDoesNotHoldIsRefusedBesideOthersThatDo()
    {
        var model = new ScriptedChatClient(ScriptedTurn.CallAll(
            new FunctionCallContent("1", "pay", new Dictionary<string, object?> { ["amount"] = 5 }), new FunctionCallContent("2", "read_file", new Dictionary<string, object?> { ["path"] = "/etc/passwd" })), ScriptedTurn.Say("done"));
        await Client(model).GetResponseAsync("go", Tools, Some.Token);
        Assert.DoesNotContain("/etc/passwd", _ran);
        Assert.Contains("arguments/path", Some.Sent(model), StringComparison.Ordinal);
    }

    /// <summary>Values that no JSON came from: what cannot be read in one way never runs.</summary>
    [Fact]
    public async Task HugeCyclicAndTypedArgumentsAreRefused()
    {
        var loop = new Dictionary<string, object?>();
        loop["email"] = loop;
        foreach (var value in new object?[] { new string('x', 10_000_000), loop, new Updates("bob@example.com", null), new MemoryStream(), new TextContent("x"), new DataContent(new byte[] { 1 }, "image/png") })
        {
            var model = new ScriptedChatClient(ScriptedTurn.CallAll(new FunctionCallContent("1", "update", new Dictionary<string, object?> { ["updates"] = value })), ScriptedTurn.Say("done"));
            await Client(model).GetResponseAsync("go", Tools, Some.Token);
            Assert.Empty(_ran);
            Assert.Contains("arguments/", Some.Sent(model), StringComparison.Ordinal);
        }
    }

    private async Task<ScriptedChatClient> AskAsync(string tool, string arguments, bool isStreaming, Action<AegisBuilder>? configure = null)
    {
        // As providers give them: a value of its own for each argument.
        var values = JsonDocument.Parse(arguments).RootElement.EnumerateObject().ToDictionary(static member => member.Name, static member => (object?)member.Value);
        var model = new ScriptedChatClient(ScriptedTurn.CallAll(new FunctionCallContent("1", tool, values)), ScriptedTurn.Say("done"));
        var client = Client(model, configure);
        _ = isStreaming ? await client.GetStreamingResponseAsync("go", Tools, Some.Token).ToChatResponseAsync(Some.Token) : await client.GetResponseAsync("go", Tools, Some.Token);
        return model;
    }

    private static IChatClient Client(ScriptedChatClient model, Action<AegisBuilder>? configure = null) => model.AsBuilder().UseAegisFunctionInvocation(Policy, configure).Build();

    private string Ran(string what)
    {
        _ran.Add(what);
        return "ok";
    }
}
