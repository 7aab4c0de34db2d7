using System.Text.RegularExpressions;
using Aegis.Docs.Tests;

namespace Aegis.Cli.Tests;

/// <summary>What the README and docs/output.md show of the command line is what it does.</summary>
public partial class DocumentedCommandTests
{
    [Fact]
    public void ThePolicyOfTheReadmeShowsWhatItSays()
    {
        var section = Repository.Read("README.md").Split("## What answers may show\n")[1].Split("\n## ")[0];
        var folder = Directory.CreateTempSubdirectory("aegis-cli").FullName;
        var policy = Path.Combine(folder, "chat.policy.json");
        File.WriteAllText(policy, section.Split("```json\n")[1].Split("```")[0]);
        var shown = Shown().Match(section);
        Assert.True(shown.Success);
        Assert.Equal(shown.Groups["shown"].Value, Redact("--policy", policy, shown.Groups["text"].Value));
        Assert.Equal("", Redact("--policy", policy, "It is project nightfall-7."));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void TheCommandsOfTheOutputPageRun()
    {
        var page = Repository.Read("docs/output.md");
        Assert.Equal(["Write to [REDACTED-EMAIL]", "![chart]([REDACTED-URL])", "--a text that begins with two dashes"], Commands().Matches(page).Select(static command => Redact([.. command.Groups["dashes"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries), command.Groups["text"].Value])));
    }

    [Theory, InlineData("hunter2"), InlineData("changeme"), InlineData("secret"), InlineData("secretKx9vQ")]
    public void APasswordWithAPlaceholdersWordIsLeftAlone(string password) => Assert.Equal($"password: {password}", Redact($"password: {password}"));

    private static string Redact(params string[] words)
    {
        using var output = new StringWriter();
        CommandLine.Run(["redact", .. words], output, TextWriter.Null);
        return output.ToString().TrimEnd();
    }

    [GeneratedRegex("redact --policy chat.policy.json '(?<text>[^']+)'\n(?<shown>.+)\n")]
    private static partial Regex Shown();

    [GeneratedRegex("^aegis redact (?<dashes>(-- )?)'(?<text>[^']+)'$", RegexOptions.Multiline)]
    private static partial Regex Commands();
}
