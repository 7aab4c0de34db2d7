using System.Text.Json.Nodes;

namespace Aegis.Cli.Tests;

public sealed class AuditCommandsTests : IDisposable
{
    private const string Secret = "a-secret-of-thirty-two-bytes-at-least";

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-cli").FullName;

    static AuditCommandsTests() => Environment.SetEnvironmentVariable("AEGIS_CLI_AUDIT_KEY", Secret);

    private string Log => Path.Combine(_folder, "aegis.jsonl");

    private string Copies => Path.Combine(_folder, "copies", "aegis.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AWholeLogIsSaidToBeWholeAndSigned()
    {
        await WriteAsync(200);
        var (code, output, error) = Verify();
        Assert.Equal((ExitCode.Clean, ""), (code, error));
        Assert.Matches(@"^records 1 to \d+ in \d+ files: whole and signed\.$", output.Trim());
        var json = JsonNode.Parse(Run("audit", "verify", Log, "--key", "env:AEGIS_CLI_AUDIT_KEY", "--json").Output)!;
        Assert.Equal((true, true, null), (json["whole"]!.GetValue<bool>(), json["signed"]!.GetValue<bool>(), json["fault"]));
    }

    [Fact]
    public async Task TheFirstBadRecordIsNamedWithFileLineAndNumber()
    {
        await WriteAsync(3);
        await File.WriteAllTextAsync(Log, (await File.ReadAllTextAsync(Log, TestContext.Current.CancellationToken)).Replace("policy_violation", "scan_pass", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var (code, output, error) = Verify();
        Assert.Equal((ExitCode.Findings, "1 records before it are good."), (code, output.Trim()));
        Assert.StartsWith($"{Log}:2: record 2 does not fit its code", error, StringComparison.Ordinal);
        var fault = JsonNode.Parse(Run("audit", "verify", Log, "--key", "env:AEGIS_CLI_AUDIT_KEY", "--json").Output)!["fault"]!;
        Assert.Equal((2, 2), (fault["line"]!.GetValue<int>(), fault["sequence"]!.GetValue<int>()));
    }

    [Fact]
    public async Task AnEndThatIsMissingIsNamedWithTheCopies()
    {
        await WriteAsync(3);
        var lines = await File.ReadAllLinesAsync(Log, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Log, string.Concat(lines[..^2].Select(static line => $"{line}\n")), TestContext.Current.CancellationToken);
        Assert.Contains("without --checkpoints its end may be missing", Run("audit", "verify", Log, "--key", "env:AEGIS_CLI_AUDIT_KEY").Output, StringComparison.Ordinal);
        var (code, _, error) = Verify();
        Assert.Equal(ExitCode.Findings, code);
        Assert.Contains("Its end was cut off", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutTheKeyNobodyCanSay()
    {
        await WriteAsync(1);
        var (code, _, error) = Run("audit", "verify", Log);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("Give --key", error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, Run("audit", "verify", Log, "--key", "k9=env:AEGIS_CLI_AUDIT_KEY").Code);
        Assert.Equal(ExitCode.Clean, Run("audit", "verify", Log, "--key", "default=env:AEGIS_CLI_AUDIT_KEY").Code);
    }

    [Theory]
    [InlineData("the-secret-itself")]
    [InlineData("env:AEGIS_NOT_SET_ANYWHERE")]
    [InlineData("env:")]
    [InlineData("a b=env:PATH")]
    public async Task AKeyIsNamedByAVariable(string key)
    {
        await WriteAsync(1);
        var (code, _, error) = Run("audit", "verify", Log, "--key", key);
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith("--key: ", error, StringComparison.Ordinal);
    }

    [Theory, InlineData("verify"), InlineData("tail"), InlineData("stats"), InlineData("export")]
    public void ALogThatIsNotThereIsSaid(string command)
    {
        var (code, _, error) = Run("audit", command, Path.Combine(_folder, "none.jsonl"));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("there is no such log", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TailShowsTheLastRecords()
    {
        await WriteAsync(20);
        var lines = Run("audit", "tail", Log, "-n", "3", "--type", "policy_violation").Output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, static line => Assert.Contains("policy_violation  block  input/length", line, StringComparison.Ordinal));
        Assert.Equal("policy_violation", JsonNode.Parse(Run("audit", "tail", Log, "-n", "1", "--type", "policy_violation", "--json").Output)!["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task StatsCountsTypesDecisionsAndRules()
    {
        await WriteAsync(20);
        var json = JsonNode.Parse(Run("audit", "stats", Log, "--json").Output)!;
        Assert.Equal((20, 20), (json["type"]!["policy_violation"]!.GetValue<int>(), json["rules"]!["input/length"]!.GetValue<int>()));
        Assert.Matches(@"policy_violation\s+20", Run("audit", "stats", Log).Output);
    }

    [Fact]
    public async Task ExportWritesCsvThatNoSpreadsheetRuns()
    {
        await WriteAsync(2, "=cmd|' /C calc'!A0");
        var rows = Run("audit", "export", Log, "--type", "policy_violation").Output.TrimEnd().Split('\n');
        Assert.Equal(3, rows.Length);
        Assert.StartsWith("seq,time,type,decision,", rows[0], StringComparison.Ordinal);
        Assert.Contains(",'=cmd|", rows[1], StringComparison.Ordinal);
        Assert.Equal(2, JsonNode.Parse(Run("audit", "export", Log, "--format", "json", "--type", "policy_violation").Output)!.AsArray().Count);
        Assert.Equal(ExitCode.Usage, Run("audit", "export", Log, "--out", Log).Code);
        Assert.Equal(ExitCode.Clean, Run("audit", "export", Log, "--out", Path.Combine(_folder, "export.csv")).Code);
        Assert.StartsWith("seq,time", await File.ReadAllTextAsync(Path.Combine(_folder, "export.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task WriteAsync(int count, string session = "s")
    {
        await using var guard = AegisGuard.Create(new() { Scanner = null, Input = new() { MaxLength = 1 }, Audit = new() { Path = Log, Key = Secret, CheckpointTo = Copies, Rotation = new() { Size = 4096, Keep = 1000 } } });
        for (var i = 0; i < count; i++)
        {
            await guard.InspectAsync(new UserInput("xx"), new(session), TestContext.Current.CancellationToken);
            if (i % 10 == 9)
            {
                await guard.FlushAuditAsync(TestContext.Current.CancellationToken);
            }
        }
    }

    private (int Code, string Output, string Error) Verify() => Run("audit", "verify", Log, "--key", "env:AEGIS_CLI_AUDIT_KEY", "--checkpoints", Copies);

    private static (int Code, string Output, string Error) Run(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = CommandLine.Run(words, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
