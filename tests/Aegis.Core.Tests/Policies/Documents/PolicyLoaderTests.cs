using System.Text;
using Aegis.Core.Tests.Sessions;
using Aegis.Docs.Tests;
using Aegis.Policies;
using Aegis.Policies.Documents;

namespace Aegis.Core.Tests.Policies.Documents;

public sealed class PolicyLoaderTests : IDisposable
{
    private const string Marks = "{}[],:\"'&*!|>%@`\\\n\t #-?~\0\uD800\uFEFF\u2028";

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-policies").FullName;

    public static TheoryData<string> PresetNames => [.. Presets.Names];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WhatADocumentDoesNotSayIsAsInWhatItExtends()
    {
        var policy = Json("""{ "extends": "customer-support", "agentLoop": { "maxSteps": 5 }, "limits": { "create_ticket": { "max": 1 }, "issue_refund": null } }""");

        Assert.Equal(5, policy.AgentLoop.MaxSteps);
        Assert.Equal(3.0, policy.AgentLoop.RiskBudget);
        Assert.Equal(4_000, policy.Input.MaxLength);
        Assert.Equal(["search_kb", "create_ticket", "lookup_order", "check_status"], policy.Capabilities.Allow);
        Assert.Equal(new RateLimit(1, TimeSpan.FromHours(1)), Assert.Single(policy.Limits).Value);
        Assert.Equal("custom", policy.Name);
    }

    [Fact]
    public void WithoutExtendsNoToolIsAllowed() => Assert.Empty(Json("""{ "version": 1 }""").Capabilities.Allow);

    [Fact]
    public void ListsReplaceAndDenyAdds()
    {
        var policy = Json("""{ "extends": "customer-support", "capabilities": { "allow": ["search_kb"], "deny": ["send_*", "admin_*"], "requireApproval": [] } }""");

        Assert.Equal(["search_kb"], policy.Capabilities.Allow);
        Assert.Equal(["delete_*", "admin_*", "modify_user", "send_*"], policy.Capabilities.Deny);
        Assert.Empty(policy.Capabilities.RequireApproval);
        Assert.Equal(["send_*"], Json("""{ "extends": "customer-support", "capabilities": { "deny!": ["send_*"] } }""").Capabilities.Deny);
    }

    [Fact]
    public void NullSwitchesAPartOffAndAnObjectSwitchesItOnAgain()
    {
        File.WriteAllText(Path.Combine(_folder, "off.json"), """{ "extends": "balanced", "scanner": null, "denialOfWallet": null }""");
        File.WriteAllText(Path.Combine(_folder, "on.policy.yaml"), "extends: off.json\nscanner:\n  sensitivity: paranoid\n");

        Assert.Null(AegisPolicy.Load(Path.Combine(_folder, "off.json")).Scanner);
        var on = AegisPolicy.Load(Path.Combine(_folder, "on.policy.yaml"));
        Assert.Equal(Sensitivity.Paranoid, on.Scanner!.Sensitivity);
        Assert.Null(on.DenialOfWallet);
        Assert.Equal("on", on.Name);
        Assert.Equal(["*"], on.Capabilities.Allow);
    }

    [Fact]
    public void NotesAndTheSchemaAreNoMembers() => Assert.Equal("x", Json("""{ "$schema": "policy.schema.json", "x-owner": { "team": "security" }, "name": "x", "input": { "x-why": 1 } }""").Name);

    [Fact]
    public void FilesThatExtendEachOtherInACircleAreRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "a.json"), """{ "extends": "b.json" }""");
        File.WriteAllText(Path.Combine(_folder, "b.json"), """{ "extends": "./a.json" }""");
        var error = Assert.Single(Assert.Throws<PolicyException>(() => AegisPolicy.Load(Path.Combine(_folder, "a.json"))).Errors);
        Assert.Equal(("AEG120", "b.json", 1, 14), (error.Code, Path.GetFileName(error.Source), error.Line, error.Column));
    }

    [Fact]
    public void ALongChainIsRefusedAndAFileThatIsNotThereIsNamed()
    {
        for (var i = 0; i < 12; i++)
        {
            File.WriteAllText(Path.Combine(_folder, $"{i}.json"), $$"""{ "extends": "{{i + 1}}.json" }""");
        }

        Assert.Contains("extend each other", Assert.Throws<PolicyException>(() => AegisPolicy.Load(Path.Combine(_folder, "0.json"))).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file", Assert.Throws<PolicyException>(() => AegisPolicy.Load(Path.Combine(_folder, "11.json"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MistakesOfAFileThatIsExtendedNameThatFile()
    {
        File.WriteAllText(Path.Combine(_folder, "base.yaml"), "version: 1\nmode: enforced\n");
        File.WriteAllText(Path.Combine(_folder, "top.json"), """{ "extends": "base.yaml", "onBlock": "explode" }""");
        var errors = Assert.Throws<PolicyException>(() => AegisPolicy.Load(Path.Combine(_folder, "top.json"))).Errors;
        Assert.Equal(["base.yaml:2", "top.json:1"], errors.Select(static error => FormattableString.Invariant($"{Path.GetFileName(error.Source)}:{error.Line}")));
    }

    [Fact]
    public void ABomIsNoMistakeAndAnotherEncodingIs()
    {
        var file = Path.Combine(_folder, "bom.json");
        File.WriteAllText(file, """{ "version": 1 }""", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal("bom", AegisPolicy.Load(file).Name);
        File.WriteAllText(Path.Combine(_folder, "bom.yaml"), "version: 1\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal("bom", AegisPolicy.Load(Path.Combine(_folder, "bom.yaml")).Name);
        File.WriteAllText(file, """{ "version": 1 }""", Encoding.Unicode);
        Assert.Equal("AEG101", Assert.Single(Assert.Throws<PolicyException>(() => AegisPolicy.Load(file)).Errors).Code);
        File.WriteAllText(file, """{ "version": 1 }""", Encoding.BigEndianUnicode);
        Assert.Equal("AEG101", Assert.Single(Assert.Throws<PolicyException>(() => AegisPolicy.Load(file)).Errors).Code);
        Assert.Equal("AEG101", Assert.Single(Assert.Throws<PolicyException>(() => AegisPolicy.Load(Path.Combine(_folder, "policy.toml"))).Errors).Code);
        Assert.Equal("AEG101", Assert.Single(Assert.Throws<PolicyException>(() => AegisPolicy.Load(_folder + "/no/such.json")).Errors).Code);
    }

    [Theory, InlineData(PolicyFormat.Json), InlineData(PolicyFormat.Yaml)]
    public void BombsAreRefusedEarly(PolicyFormat format)
    {
        string[] bombs =
        [
            new('[', 100_000),
            string.Concat(Enumerable.Repeat("{\"a\":", 40_000)),
            $"[{string.Join(',', Enumerable.Repeat("1", 100_000))}]",
            $"{{\"x-a\":{{{string.Join(',', Enumerable.Range(0, 20_001).Select(static i => $"\"k{i}\":1"))}}}}}",
            $"{{\"name\":\"{new string('n', 300_000)}\"}}",
            new string(' ', 262_000) + "{",
            string.Concat(Enumerable.Repeat("- ", 100_000)),
            "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n",
            new string('#', 200_000),
            new string('\n', 200_000),
            new string('"', 200_000),
            string.Concat(Enumerable.Repeat("\"\\u0041", 40_000)),
            string.Concat(Enumerable.Repeat("? ", 50_000)),
            string.Concat(Enumerable.Repeat("!a ", 50_000)),
        ];
        foreach (var bomb in bombs)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<PolicyException>(() => AegisPolicy.Parse(bomb, format));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100L * 1024 * 1024);
        }
    }

    /// <summary>Promise P7, a part of it; <c>AEGIS_SLOW=1</c> runs a million.</summary>
    [Fact]
    public void NoTextMakesAnythingButAPolicyOrAPolicyException()
    {
        var rounds = Extent.Of(1_000_000, 20_000);
        var seeds = Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Aegis.Core.Tests", "Policies", "Documents", "BadFiles")).Where(static file => !file.EndsWith(".txt", StringComparison.Ordinal)).Select(File.ReadAllText)
            .Concat(Presets.Names.Select(Presets.Text)).ToArray();
        Parallel.For(0, 4, part =>
        {
            var random = new Random(17 + part);
            for (var i = 0; i < rounds / 4; i++)
            {
                var text = Mutated(seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)], random);
                var format = random.Next(2) == 0 ? PolicyFormat.Json : PolicyFormat.Yaml;
                try
                {
                    AegisPolicy.Parse(text, format);
                }
                catch (PolicyException e)
                {
                    Assert.NotEmpty(e.Errors);
                }
            }
        });
    }

    [Theory, MemberData(nameof(PresetNames))]
    public void APresetThatIsWrittenOutIsTheSamePolicy(string name)
    {
        var preset = AegisPolicy.Preset(name);
        var written = PolicySchema.Write(PolicyShape.Root.Write(preset));
        var again = AegisPolicy.Parse(written, PolicyFormat.Json);
        Assert.Equal(written, PolicySchema.Write(PolicyShape.Root.Write(again)));
        Assert.Equal(preset.Name, again.Name);
    }

    [Fact]
    public void WhatExtendsAHardenedPresetIsHardened() =>
        Assert.Equal("AEG121", Assert.Single(Assert.Throws<PolicyException>(() => Json("""{ "extends": "banking", "keepRaw": true }""")).Errors).Code);

    [Fact]
    public void AMistakeThatCodeMakesInAPolicyFromAFileNamesTheNearestPlace()
    {
        var file = Path.Combine(_folder, "p.json");
        File.WriteAllText(file, "{\n  \"agentLoop\": { \"maxSteps\": 5 }\n}");
        var policy = AegisPolicy.Load(file);
        var error = Assert.Single(Assert.Throws<PolicyException>(() => Given.Guard(policy with { AgentLoop = new() { MaxDepth = -1 } })).Errors);
        Assert.Equal((2, 16), (error.Line, error.Column));
    }

    private static string Mutated(string text, string other, Random random)
    {
        var made = new StringBuilder(text);
        for (var i = random.Next(1, 6); i > 0 && made.Length > 0; i--)
        {
            var at = random.Next(made.Length);
            switch (random.Next(6))
            {
                case 0:
                    made.Remove(at, Math.Min(random.Next(1, 9), made.Length - at));
                    break;
                case 1:
                    made.Insert(at, Marks[random.Next(Marks.Length)]);
                    break;
                case 2:
                    made[at] = (char)random.Next(0x80);
                    break;
                case 3:
                    var from = random.Next(other.Length + 1);
                    made.Insert(at, other.AsSpan(from, Math.Min(random.Next(40), other.Length - from)));
                    break;
                case 4:
                    made.Insert(at, new string("[{ -\n"[random.Next(5)], random.Next(200)));
                    break;
                default:
                    made.Insert(at, made.ToString(at, Math.Min(random.Next(60), made.Length - at)));
                    break;
            }
        }

        return made.ToString();
    }

    private static AegisPolicy Json(string text) => AegisPolicy.Parse(text, PolicyFormat.Json);
}
