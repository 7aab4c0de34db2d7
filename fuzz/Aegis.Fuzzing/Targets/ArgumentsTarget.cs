using System.Text.Json;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Fuzzing.Targets;

/// <summary>
/// Arguments of calls, under a policy with constraints of every kind. An object of JSON is the arguments; any other text is the value of each argument that the rules
/// name. Law: a decision comes out and no exception, neither at the guard nor inside it; and the canonical form, which is what would run, is its own canonical
/// form and gets the same decision.
/// </summary>
/// <param name="judge">What is judged by, in a session in which a user has typed something and a tool has returned something.</param>
internal sealed class ArgumentsTarget(Func<ToolCall, Verdict> judge) : IFuzzTarget
{
    private const string Document = """
        {
          "version": 1,
          "name": "constrained",
          "scanner": null,
          "denialOfWallet": null,
          "capabilities": { "allow": ["*"], "requireApproval": ["pay"] },
          "dataFlow": { "piiScope": ["output", "input", "arguments"] },
          "tools": {
            "send_email": { "additionalArguments": "block", "arguments": {
              "to": { "pattern": "*@example.com", "required": true },
              "cc.*": { "pattern": "*@example.com", "from": ["user", "search_*"] },
              "subject": { "minLength": 2, "maxLength": 40 },
              "body": { "type": "string", "restore": ["*"] }
            } },
            "pay": { "arguments": {
              "amount": { "type": "number", "minimum": 0.01, "maximum": 100, "otherwise": "ask" },
              "count": { "type": "integer", "minimum": -3, "maximum": 7 },
              "currency": { "enum": ["EUR", "USD", "1", "true"] },
              "account": { "from": ["user", "system"] },
              "secret": { "forbidden": true },
              "urgent": { "type": "boolean" }
            } },
            "read_file": { "arguments": { "path": { "path": { "under": ["/srv/data"], "base": "/srv/data/in", "deny": ["*.pem", "/srv/data/private/*"] } } } },
            "open_share": { "arguments": { "path": { "path": { "under": ["C:\\data", "D:\\logs"], "deny": ["*.key"] } }, "other": { "path": { "deny": ["*secret*"] } } } },
            "fetch": { "arguments": {
              "url": { "url": { "hosts": ["example.com", "*.example.com", "10.0.0.7"], "deny": ["bad.example.com"], "schemes": ["https", "ftp"], "ports": [443, 8443] } },
              "referrer": { "url": {} },
              "proxy": { "url": { "allowPrivate": true } },
              "headers": { "type": "object", "keys": ["accept", "x-*"], "maxItems": 3 }
            } },
            "shell": { "arguments": {
              "command": { "command": { "allow": ["ls", "git log", "cat"], "deny": ["rm", "git push"], "shell": ["pipe", "chain"] } },
              "script": { "command": { "deny": ["rm", "curl"], "shell": ["pipe", "chain", "redirect", "expand"] } }
            } },
            "update": { "arguments": {
              "items": { "type": "array", "maxItems": 4 },
              "items.*.email": { "pattern": "*@example.com", "otherwise": "ask" },
              "*.id": { "type": "integer" },
              "meta.@odata\\.type": { "enum": ["a", "b"] }
            } }
          }
        }
        """;

    private static readonly Dictionary<string, string[]> Named = new()
    {
        ["send_email"] = ["to", "cc", "subject", "body"],
        ["pay"] = ["amount", "count", "currency", "account", "urgent"],
        ["read_file"] = ["path"],
        ["open_share"] = ["path", "other"],
        ["fetch"] = ["url", "referrer", "proxy"],
        ["shell"] = ["command", "script"],
        ["update"] = ["items"],
    };

    private static readonly string[] Tools = [.. Named.Keys];

    public ArgumentsTarget()
        : this(By(new(AegisPolicy.Parse(Document, PolicyFormat.Json), static aegis => aegis.UseApprover(static (_, _) => new(true)))))
    {
    }

    public void Run(byte[] input)
    {
        var reader = new FuzzInput(input);
        var tool = Tools[reader.Next() % Tools.Length];
        var text = reader.Text();
        var arguments = Read(text) ?? ToolArguments.From(Named[tool].Select(name => KeyValuePair.Create(name, (object?)text)));
        var verdict = Hold(tool, arguments);
        if (arguments.Refusal is null)
        {
            var again = ToolArguments.OfCanonical(arguments.Canonical);
            LawBrokenException.Unless(string.Equals(arguments.Canonical, again.Canonical, StringComparison.Ordinal), $"{arguments.Canonical}, and read again: {again.Refusal ?? again.Canonical}");
            var verdictAgain = Hold(tool, again);
            LawBrokenException.Unless(verdict.Decision == verdictAgain.Decision, $"{verdict}, and read again: {verdictAgain}");
        }
        else
        {
            LawBrokenException.Unless(verdict.Decision == Decision.Block, $"{arguments.Refusal}, and the decision is {verdict}");
        }
    }

    private Verdict Hold(string tool, ToolArguments arguments)
    {
        var verdict = judge(new(tool, arguments));
        FuzzGuard.ThrowIfFailed(verdict);
        return verdict;
    }

    /// <summary>What an adapter hands over: the members, with values of JSON.</summary>
    private static ToolArguments? Read(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, new() { MaxDepth = 256 });
            return json.RootElement.ValueKind == JsonValueKind.Object ? ToolArguments.From(json.RootElement.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, (object?)member.Value))) : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;   // it is no JSON, or has a text that is none
        }
    }

    private static Func<ToolCall, Verdict> By(FuzzGuard guard)
    {
        var tools = guard.Guard.ToolsetOf(Tools.Select(static tool => new ToolInfo(tool)));
        return call =>
        {
            var run = guard.NextRun();
            FuzzGuard.ThrowIfFailed(guard.Judge(new UserInput("Write to bob@example.com and pay 50 EUR from DE89 3704 0044 0532 0130 00."), run));
            FuzzGuard.ThrowIfFailed(guard.Judge(new ToolResult("search_people", """{"email":"eve@example.com","id":7}"""), run));
            return guard.Judge(call with { Tools = tools }, run);
        };
    }
}
