using System.Diagnostics;
using System.Text.RegularExpressions;
using Aegis.Policies;

namespace Aegis.Docs.Tests;

/// <summary>What the README shows is what runs here.</summary>
public partial class ReadmeTests
{
    private static readonly string[] Pages = ["README.md", "docs/approvals.md", "docs/tools.md", "docs/output.md", "docs/judge.md", "docs/classifier.md", "docs/prompting.md", "docs/media.md", "docs/sandbox.md", "docs/sessions.md", "docs/aspnetcore.md", "docs/recovery.md", "docs/budgets.md", "docs/history.md", "docs/audit.md", "docs/alerting.md", "docs/production.md", "docs/telemetry.md", "docs/red-team.md"];

    public static TheoryData<string, string> Blocks
    {
        get
        {
            var blocks = new TheoryData<string, string>();
            foreach (var (name, code) in Pages.SelectMany(static page => Snippet().Matches(Repository.Read(page))).Select(static match => (match.Groups["name"].Value, match.Groups["code"].Value)).Distinct())   // a page may show what the README shows
            {
                blocks.Add(name, code);
            }

            return blocks;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void ABlockIsCodeThatATestRuns(string name, string code)
    {
        var source = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Aegis.Docs.Tests"), "*Snippets.cs").Select(File.ReadAllText)).Split('\n');
        var from = Array.FindIndex(source, line => line.Trim() == $"// <{name}>");
        var to = Array.FindIndex(source, line => line.Trim() == $"// </{name}>");
        Assert.True(from >= 0 && to > from, $"Snippets.cs has no block '{name}'");
        var indent = source[from].Length - source[from].TrimStart().Length;
        var expected = string.Join('\n', source[(from + 1)..to].Select(line => line.Length >= indent ? line[indent..] : line.Trim()));
        Assert.Equal(expected, code.TrimEnd('\n'));
    }

    [Fact]
    public void EveryCodeBlockIsASnippet()
    {
        Assert.All(Pages.Select(Repository.Read), static page => Assert.Equal(page.Split("```csharp").Length - 1, Snippet().Count(page)));
        var readme = Repository.Read("README.md");
        Assert.True(Snippet().Count(readme) >= 8);
        Assert.DoesNotContain("@@", readme, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GuardedAgent")]
    [InlineData("KernelAgent")]
    [InlineData("McpAgent")]
    public async Task TheMainJobRunsOfflineAndEndsWell(string name)
    {
        var (without, with) = await RunAsync(name);
        Assert.Contains("The payroll went to the attacker.", without, StringComparison.Ordinal);
        Assert.Contains("The attacker was paid.", without, StringComparison.Ordinal);
        Assert.Contains("The payroll stayed here.", with, StringComparison.Ordinal);
        Assert.Contains("approval/denied", with, StringComparison.Ordinal);
        Assert.Contains("pay_invoice", with, StringComparison.Ordinal);
        Assert.Contains("amount = 4900", with, StringComparison.Ordinal);
        Assert.Contains("because of capability/approval", with, StringComparison.Ordinal);
        Assert.Contains("override/", with, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStreamIsShownWithoutWhatNobodyMayRead()
    {
        var (without, with) = await RunAsync("StreamingChat");
        Assert.Contains("refund to DE89 3704 0044 0532 0130 00 or", without, StringComparison.Ordinal);
        Assert.Contains("4 of 4 protected values were shown.", without, StringComparison.Ordinal);
        Assert.Contains("Write to [REDACTED-EMAIL], refund to [REDACTED-IBAN] or to her card [REDACTED-CREDIT-CARD]; it takes three days.", with, StringComparison.Ordinal);
        Assert.Contains("Run the script with the token \n", with.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("The answer ended here: secrets/github-pat", with, StringComparison.Ordinal);
        Assert.Contains("None of 4 protected values was shown.", with, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AJudgeIsAskedAboutCallsInTheGreyZone()
    {
        var output = await OutputOfAsync("JudgedAgent");
        Assert.Contains("Done: reserve_seat, add_reminder.", output, StringComparison.Ordinal);
        Assert.Contains("judge_evaluation", output, StringComparison.Ordinal);
        Assert.Contains("judge/rejected", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServiceLocksAnAttackerOutAndNobodyElse()
    {
        var output = await OutputOfAsync("ChatService", "--demo");
        Assert.Contains("[refused by override/ignore-previous", output, StringComparison.Ordinal);
        Assert.Contains("[refused by session/quarantined]", output, StringComparison.Ordinal);
        Assert.Contains("Order 77: 3 boxes", output, StringComparison.Ordinal);
        Assert.Contains("Nothing was refunded.", output, StringComparison.Ordinal);
    }

    private static async Task<(string Without, string With)> RunAsync(string name)
    {
        var output = await OutputOfAsync(name);
        var with = output.IndexOf("With Aegis", StringComparison.Ordinal);
        return (output[..with], output[with..]);
    }

    private static async Task<string> OutputOfAsync(string name, params string[] arguments)
    {
        var sample = Path.Combine(Repository.Root, "samples", "agents", name, "bin", Repository.Configuration, "net10.0", $"{name}.dll");
        Assert.True(File.Exists(sample), "the solution builds the sample");
        var start = new ProcessStartInfo("dotnet", [sample, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };   // nobody types: a question that waits for an answer never ends
        start.Environment.Remove("OPENAI_API_KEY");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    [Theory]
    [InlineData("strict")]
    [InlineData("balanced")]
    [InlineData("permissive")]
    [InlineData("customer-support")]
    [InlineData("code-assistant")]
    [InlineData("paranoid")]
    public void ThePresetTableSaysWhatThePresetIs(string name)
    {
        var preset = AegisPolicy.Preset(name);
        var row = Repository.Read("README.md").Split('\n').Single(line => line.StartsWith($"| `{name}`", StringComparison.Ordinal)).Split('|', StringSplitOptions.TrimEntries);
        var asks = preset.Capabilities.RequireApproval;
        var tools = preset.Capabilities.Allow.Except(asks).ToList();
        Assert.Equal(tools is [] ? "none" : tools is ["*"] ? "all" : string.Join(' ', tools.Select(static tool => $"`{tool}`")), row[2]);
        Assert.Equal(string.Join(' ', asks.Select(static tool => $"`{tool}`")), row[3]);
        Assert.Equal(FormattableString.Invariant($"{preset.Input.MaxLength:N0} / {preset.Output.MaxLength:N0}"), row[4]);
        Assert.Equal(preset.Session.Required ? "yes" : "no", row[6]);
    }

    [Fact]
    public void WhatPresetsDoWithPersonalDataInAnswersIsSaid()
    {
        var parts = Repository.Read("README.md").Split('\n').Single(static line => line.StartsWith("Personal data in answers:", StringComparison.Ordinal)).Split(';');
        var presets = Directory.GetFiles(Path.Combine(Repository.Root, "src", "Aegis.Core", "Policies", "Presets"), "*.policy.json").Select(static file => Path.GetFileName(file).Split('.')[0]);
        Assert.All(presets, name =>
        {
            var policy = AegisPolicy.Preset(name);
            var expected = !policy.Output.DetectPII ? "do not look for it" : policy.DataFlow.PiiHandling == PiiHandling.Block ? "end the answer before it" : "replace it";
            Assert.Contains(expected, parts.Single(part => part.Contains($"`{name}`", StringComparison.Ordinal)), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void TheCommandsAreTheOnesThatCIRuns()
    {
        var readme = Repository.Read("README.md");
        Assert.Contains("dotnet run --project samples/agents/GuardedAgent", readme, StringComparison.Ordinal);
        Assert.Contains("dotnet test", readme, StringComparison.Ordinal);
        Assert.Contains("dotnet test", Repository.Read(".ci/run"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"<!-- snippet: (?<name>[a-z-]+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
