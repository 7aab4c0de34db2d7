using System.Globalization;
using System.Text.RegularExpressions;
using Aegis.Docs.Tests;
using Aegis.Testing;
using Aegis.Testing.RedTeaming;

namespace Aegis.Cli.Tests;

/// <summary>What the README and docs/red-team.md say of the red team is so.</summary>
public partial class RedTeamPageTests
{
    private static readonly string Page = Repository.Read("docs/red-team.md");

    [Fact]
    public void TheReadmeCountsRight()
    {
        var attacks = SuiteReader.BuiltIn.Where(static suite => !suite.IsBenign).ToList();
        var readme = Repository.Read("README.md");
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{attacks.Sum(static suite => suite.Cases.Count)} attacks of {attacks.Count} threats, a search that changes them ({Mutators.All.Count} spellings, frames, splits, calls and ways to answer)"), readme, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{Spellings.All.Count} spellings of the order"), Page, StringComparison.Ordinal);
        Assert.All(RedTeam.Suites, suite => Assert.Contains($"\n| {suite}", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void ThePageNamesEverySuite() => Assert.All(RedTeam.Suites, static suite => Assert.Contains(suite, Page, StringComparison.Ordinal));

    [Fact]
    public void ThePageNamesEveryOption()
    {
        using var output = new StringWriter();
        CommandLine.Run(["red-team", "--help"], output, output);
        Assert.All(Options().Matches(output.ToString()).Select(static option => option.Value).Except(["--help"], StringComparer.Ordinal), static option => Assert.Contains($"`{option}", Page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheSuiteOfThePageRuns()
    {
        var suite = Page.Split("```json\n")[1].Split("```")[0];
        var report = await RedTeam.RunAsync(AegisPolicy.Preset("balanced") with { Mode = Aegis.Policies.PolicyMode.Monitor }, new() { OwnSuites = [suite], Suites = ["own"], Budget = 0 }, TestContext.Current.CancellationToken);
        Assert.Equal("own/ticket-mails", Assert.Single(report.Bypasses).Case);
    }

    /// <summary>The command of the workflow, but for its files, in the words that the tool knows.</summary>
    [Fact]
    public void TheWorkflowSaysWhatTheToolKnows()
    {
        var workflow = Repository.Read("samples/red-team.yml");
        var folder = Directory.CreateTempSubdirectory("aegis-workflow").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "policies"));
            File.WriteAllText(Path.Combine(folder, "policies", "support.policy.json"), """{ "version": 1, "extends": "strict" }""");
            File.WriteAllText(Path.Combine(folder, "policies", "red-team.baseline.json"), """{ "bypasses": [], "false_alarms": [] }""");
            var words = Command().Match(workflow).Groups["words"].Value.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.Contains('/', StringComparison.Ordinal) || word.StartsWith("red-team.", StringComparison.Ordinal) ? Path.Combine(folder, word) : word).ToList();
            Assert.True(words.Count > 10);
            using var output = new StringWriter();
            var code = CommandLine.Run(["red-team", .. words, "--suite", "approval-forgery", "--budget", "0"], output, output);
            Assert.Equal(ExitCode.Clean, code);
            Assert.Equal(["red-team.html", "red-team.sarif", "red-team.xml"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("--[a-z-]+", RegexOptions.NonBacktracking)]
    private static partial Regex Options();

    [GeneratedRegex(@"aegis red-team(?<words>[^:]*--report red-team\.html)", RegexOptions.NonBacktracking)]
    private static partial Regex Command();
}
