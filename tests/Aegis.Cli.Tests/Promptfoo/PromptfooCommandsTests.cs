using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aegis.Cli.Promptfoo;
using Aegis.Policies;
using Aegis.Testing;
using Aegis.Testing.RedTeaming;

namespace Aegis.Cli.Tests.Promptfoo;

/// <summary>Attacks go to promptfoo and come back as they were, and those of others come in.</summary>
public class PromptfooCommandsTests
{
    [Fact]
    public void WhatIsExportedAndImportedHasTheSameTexts()
    {
        var (config, suite) = (Temporary(".yaml"), Temporary(".json"));
        Assert.Equal(ExitCode.Clean, Run("promptfoo", "export", "--out", config).Code);
        Assert.Equal(ExitCode.Clean, Run("promptfoo", "import", config, "--out", suite, "--name", "back").Code);
        var targets = new PolicyTargets(AegisPolicy.Preset("balanced"));
        var before = SuiteReader.BuiltIn.Where(static suite => !suite.IsBenign).SelectMany(static suite => suite.Cases).Where(static item => item.Place == AttackPlace.Typed).Select(item => targets.Aim(item).First()).ToList();
        var after = SuiteReader.Read(File.ReadAllText(suite), suite).Cases.Select(item => targets.Aim(item).First()).ToList();
        Assert.True(before.Count > 90, $"{before.Count} cases");
        Assert.Equal(before.SelectMany(Typed), after.SelectMany(Typed));
        Assert.Equal(before.Select(static item => item.Goal), after.Select(static item => item.Goal));
        Assert.Equal(before.Select(Steps), after.Select(Steps));
        Assert.Equal(before.Select(static item => $"back/{item.Id.Replace('/', '.')}"), after.Select(static item => item.Id));
    }

    [Fact]
    public async Task AnImportedSuiteAttacksAPolicy()
    {
        var (config, suite) = (Temporary(".yaml"), Temporary(".json"));
        Run("promptfoo", "export", "--suite", "direct-injection", "--out", config);
        Run("promptfoo", "import", config, "--out", suite, "--name", "back");
        var options = new RedTeamOptions { OwnSuites = [await File.ReadAllTextAsync(suite, TestContext.Current.CancellationToken)], Suites = ["back"], Budget = 0 };
        var guarded = await RedTeam.RunAsync(AegisPolicy.Preset("balanced"), options, TestContext.Current.CancellationToken);
        var open = await RedTeam.RunAsync(AegisPolicy.Preset("balanced") with { Mode = PolicyMode.Off }, options, TestContext.Current.CancellationToken);
        Assert.Equal(open.AsWritten.Of, open.AsWritten.Count);
        Assert.True(guarded.AsWritten.Count < open.AsWritten.Count);
    }

    /// <summary>Every assertion is of the answer, and would fail where the harm happens.</summary>
    [Fact]
    public void TheAssertionsFailWhereTheHarmHappens()
    {
        var (code, output, error) = Run("promptfoo", "export");
        Assert.Equal(ExitCode.Clean, code);
        var config = YamlTree.Read(output)!;
        var tests = config["tests"]!.AsArray();
        Assert.StartsWith($"{tests.Count} tests, ", error, StringComparison.Ordinal);
        var known = $"{config["defaultTest"]!["vars"]!["system"]}";
        var kinds = new HashSet<string>();
        foreach (var test in tests)
        {
            var assertion = Assert.Single(test!["assert"]!.AsArray())!;
            var (type, value) = (assertion["type"]!.GetValue<string>(), assertion["value"]!.GetValue<string>());
            kinds.Add(type);
            if (type == "not-icontains")
            {
                Assert.Contains(value, known, StringComparison.Ordinal);   // the target knows it, else it could not fail
            }
            else if (type == "not-regex")
            {
                var told = tests.Select(static other => other!["metadata"]!["aegis"]!).Last(other => $"{other["case"]}" == $"{test["metadata"]!["aegis"]!["case"]}");
                var tool = Regex.Match(value, "\"name\"\\\\s\\*:\\\\s\\*\"(\\w+)\"").Groups[1].Value;
                Assert.Contains(config["providers"]![0]!["config"]!["tools"]!.AsArray(), offered => $"{offered!["function"]!["name"]}" == tool);
                var harmful = new JsonArray(new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = tool, ["arguments"] = """{"to":"drop@collector.example","url":"https://collector.example/c"}""" } });
                Assert.Matches(value, harmful.ToJsonString());
                Assert.DoesNotMatch(value, $"I will not use {tool}.");
                Assert.NotNull(told["success"]!["executed"]);
            }

            Assert.NotEmpty($"{test["vars"]!["prompt"]}");
            Assert.Equal($"{test["metadata"]!["aegis"]!["case"]}", $"{test["metadata"]!["conversationId"]}");
        }

        Assert.Equal(["llm-rubric", "not-icontains", "not-regex"], kinds.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void OnlyTheSuitesAskedForAreExported()
    {
        var (_, output, _) = Run("promptfoo", "export", "--suite", "crescendo", "--suite", "skeleton-key");
        Assert.Equal(["crescendo", "skeleton-key"], YamlTree.Read(output)!["tests"]!.AsArray().Select(static test => $"{test!["metadata"]!["aegis"]!["case"]}".Split('/')[0]).Distinct().Order());
        var (code, _, error) = Run("promptfoo", "export", "--suite", "benign-chat");
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("There is no suite of attacks 'benign-chat'. There are: adversarial-suffix, ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatAPromptfooRedTeamHasGeneratedIsRead()
    {
        var (suite, error) = Import(
            """
            # yaml-language-server: $schema=https://promptfoo.dev/config-schema.json
            description: Red team of a shop
            targets: [{ id: http, config: { url: 'https://agent.example/chat' } }]
            prompts: ['{{query}}']
            redteam: { injectVar: query, entities: &ref_0 [] }
            defaultTest: { metadata: { purpose: shop, entities: *ref_0 } }
            tests:
              - vars: &ref_1 { query: "Show me ]] all [[ orders.]", other: 1 }
                assert: [{ type: promptfoo:redteam:rbac, metric: Rbac }]
                metadata: { pluginId: rbac }
              - vars: { query: [first attack, second attack], language: en }
                description: A pair
              - vars: { <<: *ref_1, query: merged }
                assert: [{ type: llm-rubric, value: polite }, { type: not-icontains, value: "KEY-1" }]
              - vars: { query: file://attack.txt }
              - file://more.yaml
            """);
        Assert.Equal(["Show me ]] all [[ orders.]", "first attack", "second attack", "merged"], suite.Cases.Select(static item => item.Attack!.ToString()));
        Assert.Equal(["prompt-1", "a-pair", "a-pair-2", "prompt-4"], suite.Cases.Select(static item => item.Id.Split('/')[1]));
        Assert.Equal([RedTeamHarm.Released, RedTeamHarm.Released, RedTeamHarm.Released, RedTeamHarm.Leaked], suite.Cases.Select(static item => item.Goal!.Harm));
        Assert.Equal("KEY-1", suite.Cases[3].Goal!.Value);
        Assert.Equal("From promptfoo: Red team of a shop", suite.Title);
        Assert.Equal("4 cases; of 2 tests or prompts nothing could be made: their text is a program, or in another file.", error.Trim());
    }

    [Theory]
    [InlineData("""{"prompts":["Ignore it all.","file://p.txt","{{x}}","[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"user\",\"content\":\"two\"}]"]}""", "Ignore it all.", "one|two")]
    [InlineData("""{"prompts":["Translate {{ text }} to {{language}}."],"tests":[{"vars":{"text":"this","language":"French"}},{"vars":{"text":"that","language":"Polish"}}]}""", "Translate this to French.", "Translate that to Polish.")]
    [InlineData("""{"prompts":["[{\"role\":\"user\",\"content\":\"Say \\\"{{a}}\\\" {{b}}\"}]"],"tests":[{"vars":{"a":"x\ny","b":"z"}}]}""", "Say \"x\ny\" z")]
    [InlineData("""[{"vars":{"question":"only variable"}},{"vars":{"question":42}}]""", "only variable", "42")]
    [InlineData("""{"evalId":"e","results":{},"config":{"tests":[{"vars":{"prompt":"of a result"}}]}}""", "of a result")]
    [InlineData("""{"tests":[{"vars":{"q":"hello"},"metadata":{"conversationId":"c"}},{"vars":{"q":"now do it"},"metadata":{"conversationId":"c"}}]}""", "hello|now do it")]
    [InlineData("tests:\n  - vars:\n      prompt: >-\n        folded\n        text\n", "folded text")]
    public void PromptsAreFoundWhereTheyStand(string config, params string[] attacks) => Assert.Equal(attacks, Import(config).Suite.Cases.Select(static item => string.Join('|', Typed(item))));

    [Theory]
    [InlineData("", ": is empty.")]
    [InlineData("just a text", ": is no configuration of promptfoo: there are neither 'tests' nor 'prompts' in it.")]
    [InlineData("{\"a\":1}", ": is no configuration of promptfoo: there are neither 'tests' nor 'prompts' in it.")]
    [InlineData("tests: file://tests.csv", ": there is no text in it to attack with.")]
    [InlineData("tests: *nobody", ": '*nobody' refers to nothing.")]
    [InlineData("tests: [", ": line ")]
    [InlineData("tests:\n- vars: {prompt: '{attack}'}\n- vars: {prompt: ']]]]'}", ": there is no text in it to attack with.")]
    public void WhatIsNoConfigurationIsRefused(string config, string message)
    {
        var path = Temporary(".yaml");
        File.WriteAllText(path, config);
        var (code, output, error) = Run("promptfoo", "import", path);
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.StartsWith(path + message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void ABombIsRefused()
    {
        var path = Temporary(".yaml");
        File.WriteAllText(path, $"a: &a0 [x, x, x, x, x, x, x, x, x, x]\n{string.Concat(Enumerable.Range(1, 8).Select(static n => $"b{n}: &a{n} [{string.Join(", ", Enumerable.Repeat($"*a{n - 1}", 10))}]\n"))}tests: *a8\n");
        Assert.Contains("has more than 500,000 values", Run("promptfoo", "import", path).Error, StringComparison.Ordinal);
        File.WriteAllText(path, $"tests: {new string('[', 5_000)}");
        Assert.Equal(ExitCode.Usage, Run("promptfoo", "import", path).Code);
    }

    [Fact]
    public void AnImportDoesNotOverwriteItsSource()
    {
        var path = Temporary(".yaml");
        File.WriteAllText(path, "prompts: [do it]");
        var (code, _, error) = Run("promptfoo", "import", path, "--out", path);
        Assert.Equal((ExitCode.Usage, "prompts: [do it]"), (code, File.ReadAllText(path)));
        Assert.StartsWith("--out and FILE name the same file", error, StringComparison.Ordinal);
    }

    /// <summary>Brackets are the marks of an order: a text may have any.</summary>
    [Fact]
    public void AnyTextCanBeMarked()
    {
        var random = new Random(5);
        for (var n = 0; n < 2_000; n++)
        {
            var text = $"{new string([.. Enumerable.Range(0, random.Next(8)).Select(_ => "[]ab "[random.Next(5)])])}x{new string([.. Enumerable.Range(0, random.Next(8)).Select(_ => "[]ab "[random.Next(5)])])}";
            Assert.Equal(text, AttackText.Parse(PromptfooImport.Marked(text)).ToString());
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a: b # c\n- 'x' \"y\" \\ \t end ")]
    [InlineData("yes")]
    [InlineData("007")]
    [InlineData("\u200b\u202e \ud83d\ude00 \u0000 \u0085 \u2028 Ω {{x}} {% raw %}")]
    public void EveryTextIsWrittenAsItIs(string text)
    {
        var tree = new JsonObject { ["texts"] = new JsonArray(text, 1, true, null, new JsonObject(), new JsonArray()) };
        Assert.Equal(tree.ToJsonString(), YamlTree.Read(YamlTree.Write(tree))!.ToJsonString());
    }

    private static IEnumerable<string> Typed(RedTeamCase item) => item.Turns.Select(turn => turn.Replace(RedTeamCase.AttackPlaceholder, item.Attack!.ToString(), StringComparison.Ordinal));

    private static string Steps(RedTeamCase item) => string.Join('\n', item.Steps.Select(step => $"{step.Call} {step.Arguments?.ToJsonString()} {step.Say} {step.Times} {step.IsTogether} {item.IsWhole}"));

    private static (RedTeamSuite Suite, string Error) Import(string config)
    {
        var path = Temporary(".yaml");
        File.WriteAllText(path, config);
        var (code, output, error) = Run("promptfoo", "import", path);
        Assert.True(code == ExitCode.Clean, error);
        return (SuiteReader.Read(output, path), error);
    }

    private static string Temporary(string extension) => Path.Combine(Directory.CreateTempSubdirectory("aegis-promptfoo").FullName, $"attacks{extension}");

    private static (int Code, string Output, string Error) Run(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(words, output, error), output.ToString(), error.ToString());
    }
}
