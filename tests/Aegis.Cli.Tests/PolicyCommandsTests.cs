using System.Text.Json.Nodes;
using Aegis.Docs.Tests;

namespace Aegis.Cli.Tests;

public sealed class PolicyCommandsTests : IDisposable
{
    private static readonly string BadFiles = Path.Combine(Repository.Root, "tests", "Aegis.Core.Tests", "Policies", "Documents", "BadFiles");

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-cli").FullName;

    public static TheoryData<string> Presets => [.. Policies.Presets.Names];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, InlineData("json"), InlineData("yaml")]
    public void ValidatePrintsAllSixMistakesWithLineAndColumn(string format)
    {
        var (code, output, error) = Run("policy", "validate", Path.Combine(BadFiles, $"six-mistakes.{format}"));
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        var lines = error.TrimEnd('\n').Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.All(lines, static line => Assert.Matches(@"six-mistakes\.(json|yaml):\d+:\d+: AEG1\d\d \$", line));
    }

    [Fact]
    public void ValidateTakesSeveralFilesAndSpeaksJson()
    {
        var (code, output, _) = Run("policy", "validate", "strict", Path.Combine(BadFiles, "rule-unknown.json"), "code-assistant", "--json");
        var files = JsonNode.Parse(output)!.AsArray();
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal([0, 1, 0], files.Select(static file => file!["errors"]!.AsArray().Count));
        Assert.Equal("AEG202", files[2]!["notes"]![0]!["code"]!.GetValue<string>());
    }

    [Theory, InlineData("none", ExitCode.Clean), InlineData("notes", ExitCode.Findings)]
    public void NotesFailOnlyAtTheirGate(string gate, int expected) => Assert.Equal(expected, Run("policy", "validate", "code-assistant", "--gate", gate).Code);

    [Theory, InlineData("""["pay"]""", "1 note."), InlineData("""["pay","send"]""", "2 notes.")]
    public void NotesAreCounted(string tools, string said)
    {
        var file = Path.Combine(_folder, "p.json");
        File.WriteAllText(file, $"{{\"capabilities\":{{\"allow\":{tools},\"requireApproval\":{tools}}}}}");
        Assert.EndsWith($"no mistakes, {said}", Run("policy", "validate", file).Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Presets))]
    public void ExplainSaysWhatHoldsAndWhereItWasSaid(string preset)
    {
        var (code, output, error) = Run("policy", "explain", preset);
        Assert.Equal((ExitCode.Clean, ""), (code, error));
        Assert.Contains("capability: ", output, StringComparison.Ordinal);
        Assert.Contains("$.agentLoop.maxSteps = 25  default", output, StringComparison.Ordinal);
        Assert.Matches(@"\$\.input\.maxLength = \d+  preset [a-z-]+:\d+:\d+", output);
        Assert.DoesNotContain("a guard of the app", output, StringComparison.Ordinal);
        var json = JsonNode.Parse(Run("policy", "explain", preset, "--json").Output)!;
        Assert.Equal(preset, json["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("customer-support", "issue_refund", "when a person says yes (capability/approval", "at most 1 per 01:00:00")]
    [InlineData("strict", "delete_file", "no (capability/not-allowed, add 'delete_file'", "High ('delete' in the name)")]
    [InlineData("balanced", "read_file", "may be called: yes", "Low ('read' in the name)")]
    public void ExplainSaysWhatHoldsForATool(string policy, string tool, params string[] expected)
    {
        var (_, output, _) = Run("policy", "explain", policy, "--tool", tool);
        Assert.All(expected, part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("balanced", "strict", ExitCode.Clean)]
    [InlineData("strict", "balanced", ExitCode.Findings)]
    [InlineData("strict", "strict", ExitCode.Clean)]
    public void DiffFailsWhenSomethingMayPassThatDidNot(string a, string b, int expected)
    {
        var (code, output, _) = Run("policy", "diff", a, b);
        Assert.Equal(expected, code);
        Assert.Equal(a == b, output.StartsWith("No difference", StringComparison.Ordinal));
        Assert.Equal(expected == ExitCode.Findings, JsonNode.Parse(Run("policy", "diff", a, b, "--json").Output)!["widens"]!.AsArray().Count > 0);
    }

    [Theory, InlineData("new.policy.json"), InlineData("new.policy.yaml"), InlineData("new.yml")]
    public void WhatInitWritesIsValidAndSaysWhatItsPresetSays(string name)
    {
        var file = Path.Combine(_folder, name);
        Assert.Equal(ExitCode.Clean, Run("policy", "init", file, "--preset", "balanced").Code);
        Assert.Equal(ExitCode.Clean, Run("policy", "validate", file).Code);
        Assert.Equal(ExitCode.Clean, Run("policy", "diff", "balanced", file).Code);
        Assert.Equal("new", AegisPolicy.Load(file).Name);
        Assert.Equal(ExitCode.Usage, Run("policy", "init", file).Code);   // never over another
        Assert.Equal(ExitCode.Usage, Run("policy", "init", Path.Combine(_folder, "x.toml")).Code);
    }

    [Theory, MemberData(nameof(Presets))]
    public void InitWritesWhatItsPresetAllowsInBothFormats(string preset)
    {
        foreach (var name in new[] { $"{preset}-copy.json", $"{preset}-copy.yaml" })
        {
            var file = Path.Combine(_folder, name);
            Assert.Equal(ExitCode.Clean, Run("policy", "init", file, "--preset", preset).Code);
            Assert.StartsWith("No difference", Run("policy", "diff", preset, file).Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void NotesHaveAPlaceAndThoseOfAnotherDocumentAreNotRepeated()
    {
        var file = Path.Combine(_folder, "p.yaml");
        File.WriteAllText(file, "extends: customer-support\ncapabilities:\n  allow: [search_kb, search_*]\n  requireApproval: []\n");
        var (code, output, _) = Run("policy", "validate", file, "--gate", "notes");
        Assert.Equal(ExitCode.Findings, code);
        Assert.Contains($"{file}:3:11: AEG204 $.capabilities.allow[0]", output, StringComparison.Ordinal);
        Assert.DoesNotContain("AEG203", output, StringComparison.Ordinal);   // the limits are the preset's
    }

    [Fact]
    public void ExplainSaysWhatHoldsForAToolOfAPlugin()
    {
        var file = Path.Combine(_folder, "p.yaml");
        File.WriteAllText(file, "capabilities:\n  allow: [\"*\"]\n  deny: [\"delete_*\"]\n");
        var (_, output, _) = Run("policy", "explain", file, "--tool", "crm-delete_user");
        Assert.Contains("may be called: yes", output, StringComparison.Ordinal);
        Assert.Contains("if it is 'delete_user' of a plugin: Block (capability/denied", output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'customer-support'", Run("policy", "validate", "customer-suport").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainSaysWhatHoldsForTheArgumentsOfATool()
    {
        var file = Path.Combine(_folder, "mail.policy.json");
        File.WriteAllText(file, """
            { "extends": "balanced", "tools": { "send_*": { "additionalArguments": "block", "arguments": {
              "to": { "pattern": "*@example.com", "required": true }, "amount": { "maximum": 100, "otherwise": "ask" }, "body": {}, "page": { "url": { "hosts": ["*.example.com"], "ports": [443] } } } } } }
            """);
        var (_, output, _) = Run("policy", "explain", file, "--tool", "send_email");
        string[] expected =
        [
            "argument 'amount': maximum 100, otherwise \"ask\" (tools['send_*'])", "argument 'body': may be there (tools['send_*'])", "argument 'page': url (hosts [\"*.example.com\"], ports [443]) (tools['send_*'])",
            "argument 'to': pattern \"*@example.com\", required (tools['send_*'])", "other arguments: no (tools['send_*'])",
        ];
        Assert.All(expected, part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.Contains("other arguments, if it is 'send_email' of a plugin: no (tools['send_*'])", Run("policy", "explain", file, "--tool", "mail-send_email").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("argument", Run("policy", "explain", file, "--tool", "read_email").Output, StringComparison.Ordinal);
        Assert.Contains("argument-rules: ", Run("policy", "explain", file).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void SchemaWritesTheSchema() => Assert.Equal(Repository.Read("schemas/policy.schema.json"), Run("policy", "schema").Output);

    [Theory]
    [InlineData]
    [InlineData("policy")]
    [InlineData("policy", "explain")]
    [InlineData("policy", "explain", "no-such-file.json")]
    [InlineData("polcy")]
    [InlineData("policy", "validate", "strict", "--gate", "sometimes")]
    public void WrongWordsAreUsageErrorsAndSayWhy(params string[] args)
    {
        var (code, _, error) = Run(args);
        Assert.Equal(ExitCode.Usage, code);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void KeysAndCanariesAreNewEachTime()
    {
        var (key, canary) = (Run("key", "new").Output.Trim(), Run("canary", "new").Output.Trim());
        Assert.Equal(32, Convert.FromBase64String(key).Length);
        Assert.Matches("^aegis-canary-[0-9a-f]{32}$", canary);
        Assert.NotEqual(key, Run("key", "new").Output.Trim());
        Assert.NotEqual(canary, Run("canary", "new").Output.Trim());
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        return (CommandLine.Run(args, output, error), output.ToString(), error.ToString());
    }
}
