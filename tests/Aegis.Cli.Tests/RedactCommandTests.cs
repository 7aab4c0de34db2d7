namespace Aegis.Cli.Tests;

/// <summary>A text as a policy would let a model say it, and what is said of it.</summary>
public class RedactCommandTests
{
    private const string Answer = "Write to mira.kolbe@quellbruck-optik.de, soon.";

    [Fact]
    public void RedactWritesTheTextAndSaysWhatWasFoundWithoutTheValue()
    {
        var (code, output, error) = Run("redact", Answer);
        Assert.Equal((ExitCode.Findings, "Write to [REDACTED-EMAIL], soon."), (code, output.TrimEnd()));
        Assert.Equal("pii/email: Redact, characters 9 to 39", error.Trim());
        Assert.Equal((ExitCode.Clean, "Hello."), Run("redact", "Hello.") is var clean ? (clean.Code, clean.Output.TrimEnd()) : default);
        Assert.Equal(ExitCode.Usage, Run("redact", "a", "--file", "b").Code);
    }

    [Fact]
    public void RedactEndsBeforeASecret()
    {
        var (code, output, error) = Run("redact", "It is ghp_" + "f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo.");
        Assert.Equal((ExitCode.Findings, "It is"), (code, output.Trim()));
        Assert.StartsWith("secrets/github-pat: Block", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("monitor", "The policy is in monitor (\"mode\"): nothing is replaced or stopped; what would be is named.", "pii/email: Redact, characters 9 to 39")]
    [InlineData("off", "The policy is off (\"mode\"): nothing is looked for, replaced or stopped.")]
    public void APolicyThatEnforcesNothingIsSaidToBeOne(string mode, params string[] said)
    {
        var (code, output, error) = Run("redact", Answer, "--policy", Write($"{{\"extends\":\"balanced\",\"mode\":\"{mode}\"}}"));
        Assert.Equal((ExitCode.Clean, Answer), (code, output.TrimEnd()));
        Assert.Equal(said, error.ReplaceLineEndings("\n").TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("maxLength\":5", "output/length: Block, the whole; output.maxLength: at most 5 characters")]
    [InlineData("blockPatterns\":[\"x\",\"ell\"]", "output/block-pattern: Block, characters 1 to 4; output.blockPatterns[1]")]
    [InlineData("redactPatterns\":[\"ell\"]", "output/redact-pattern: Redact, characters 1 to 4; output.redactPatterns[0]")]
    public void AFindingNamesTheSettingBehindIt(string setting, string said) =>
        Assert.Equal(said, Run("redact", "Hello, world.", "--policy", Write($"{{\"extends\":\"balanced\",\"output\":{{\"{setting}}}}}")).Error.Trim());

    [Theory]
    [InlineData("Unrecognized option '--polcy'. To redact it as text, write it behind '--'.", "redact", "--polcy", "p.json", "hi")]
    [InlineData("Unrecognized option '--polcy'. To redact it as text, write it behind '--'.", "redact", "--polcy", "--")]
    [InlineData("Unrecognized option '--polcy'. To scan it as text, write it behind '--'.", "scan", "--polcy")]
    public void AMisspeltOptionIsNoText(string said, params string[] words) =>
        Assert.Equal((ExitCode.Usage, "", $"{said}\nSee: aegis --help"), Run(words) is var (code, output, error) ? (code, output, error.ReplaceLineEndings("\n").Trim()) : default);

    [Fact]
    public void WhatOnlyBeginsWithDashesIsAText()
    {
        foreach (var text in new[] { "-----BEGIN CERTIFICATE-----", "--- a list", "---", "--two words" })
        {
            var (code, _, error) = Run("redact", text, "--policy", "balanced");
            Assert.NotEqual(ExitCode.Usage, code);
            Assert.DoesNotContain("Unrecognized", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void BehindTwoDashesEveryWordIsAText() => Assert.Equal((ExitCode.Clean, "--hello"), Run("redact", "--", "--hello") is var (code, output, _) ? (code, output.TrimEnd()) : default);

    [Theory]
    [InlineData("redact")]
    [InlineData("scan")]
    public void AFileThatIsNoTextIsRefused(string command)
    {
        var folder = Path.GetTempPath();
        Assert.Equal((ExitCode.Usage, "", $"{folder}: is a folder. Name a file in it."), Trimmed(Run(command, "--file", folder)));
        var file = Write("");
        File.WriteAllBytes(file, [0xEF, 0xBB, 0xBF, (byte)'a', 0xFF]);
        Assert.Equal((ExitCode.Usage, "", $"{file}: is not UTF-8. Save it so."), Trimmed(Run(command, "--file", file)));
    }

    [Fact]
    public void WhatAFileBeginsWithSaysItsEncodingAndIsNoText()
    {
        var file = Write("");
        File.WriteAllBytes(file, [0xEF, 0xBB, 0xBF, (byte)'a']);
        Assert.Equal("a", Run("redact", "--file", file).Output);
        File.WriteAllBytes(file, [0xFF, 0xFE, (byte)'a', 0]);
        Assert.Equal("a", Run("redact", "--file", file).Output);
    }

    private static (int, string, string) Trimmed((int Code, string Output, string Error) run) => (run.Code, run.Output, run.Error.Trim());

    private static string Write(string json)
    {
        var path = Path.ChangeExtension(Path.GetTempFileName(), ".json");
        File.WriteAllText(path, json);
        return path;
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandLine.Run(args, output, error), output.ToString(), error.ToString());
    }
}
