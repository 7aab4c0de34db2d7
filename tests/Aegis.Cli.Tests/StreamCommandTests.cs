using System.Text.Json.Nodes;

namespace Aegis.Cli.Tests;

/// <summary>What a reader receives of answers that arrive in pieces, in the form that measuring reads.</summary>
public class StreamCommandTests
{
    private const string Answer = "Write to mira.kolbe@quellbruck-optik.de, soon.";

    [Theory]
    [InlineData("1")]
    [InlineData("7")]
    [InlineData("100000")]
    [InlineData("random:5")]
    public void EachRowIsWhatAReaderWouldHaveReceived(string chunk)
    {
        var (code, output, _) = Run("stream", "--jsonl", File($"{{\"id\":1,\"text\":\"{Answer}\"}}", """{"id":"two","text":"Nothing here."}"""), "--chunk", chunk);
        var rows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal((ExitCode.Findings, 2), (code, rows.Length));
        Assert.Equal(("1", "Write to [REDACTED-EMAIL], soon.", "redact"), (rows[0]["id"]!.GetValue<string>(), rows[0]["released"]!.GetValue<string>(), rows[0]["decision"]!.GetValue<string>()));
        var finding = rows[0]["findings"]![0]!;
        Assert.Equal("mira.kolbe@quellbruck-optik.de", Answer[finding["start"]!.GetValue<int>()..finding["end"]!.GetValue<int>()]);
        Assert.Equal(("two", "Nothing here.", "allow", 0), (rows[1]["id"]!.GetValue<string>(), rows[1]["released"]!.GetValue<string>(), rows[1]["decision"]!.GetValue<string>(), rows[1]["findings"]!.AsArray().Count));
    }

    [Fact]
    public void ResultsGoToAFileAndThePolicyDecides()
    {
        var results = Path.GetTempFileName();
        Assert.Equal(ExitCode.Clean, Run("stream", "--jsonl", File($"{{\"id\":1,\"text\":\"{Answer}\"}}"), "--policy", "code-assistant", "--out", results).Code);
        Assert.Equal(Answer, JsonNode.Parse(System.IO.File.ReadAllText(results))!["released"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("random:x")]
    [InlineData("many")]
    public void AWayToCutThatIsNoneIsRefused(string chunk) => Assert.Equal(ExitCode.Usage, Run("stream", "--jsonl", File("""{"id":1,"text":"a"}"""), "--chunk", chunk).Code);

    [Theory]
    [InlineData("label", "Members of rows that are not read: 'label'. A row has 'id', 'text', 'system'.")]
    [InlineData("systm", "Members of rows that are not read: 'systm'. Did you mean 'system'? A row has 'id', 'text', 'system'.")]
    public void AMemberThatNobodyReadsIsNamed(string member, string notice)
    {
        var (code, output, error) = Run("stream", "--jsonl", File("""{"id":1,"text":"a","system":"b"}""", $"{{\"id\":2,\"text\":\"a\",\"{member}\":\"b\"}}"));
        Assert.Equal((ExitCode.Clean, 2, notice), (code, output.Trim().Split('\n').Length, error.Trim()));
    }

    [Theory]
    [InlineData("stream", "--jsonl")]
    [InlineData("scan", "--jsonl")]
    [InlineData("agent-replay", "--cases")]
    public void ResultsDoNotOverwriteTheirRows(string command, string option)
    {
        var file = File("""{"id":1,"text":"a"}""");
        var (code, _, error) = Run(command, option, file, "--out", Path.Combine(Path.GetDirectoryName(file)!, ".", Path.GetFileName(file)));
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith($"--out and {option} name the same file", error, StringComparison.Ordinal);
        Assert.Equal("""{"id":1,"text":"a"}""", System.IO.File.ReadAllText(file).Trim());
    }

    [Fact]
    public void RowsThatAreNotUtf8AreRefusedOnce()
    {
        var file = Path.GetTempFileName();
        System.IO.File.WriteAllBytes(file, [0xFF, (byte)'a', (byte)'\n', 0xFF]);
        var (code, _, error) = Run("stream", "--jsonl", file);
        Assert.Equal((ExitCode.Usage, $"{file}: is not UTF-8. Save it so."), (code, error.Trim()));
    }

    [Theory]
    [InlineData("monitor", "redact")]
    [InlineData("off", "allow")]
    public void APolicyThatEnforcesNothingIsSaidToBeOne(string mode, string decision)
    {
        var (code, output, error) = Run("stream", "--jsonl", File($"{{\"id\":1,\"text\":\"{Answer}\"}}"), "--policy", Policy($"{{\"extends\":\"balanced\",\"mode\":\"{mode}\"}}"));
        var row = JsonNode.Parse(output)!;
        Assert.Equal((ExitCode.Clean, Answer, decision), (code, row["released"]!.GetValue<string>(), row["decision"]!.GetValue<string>()));
        Assert.StartsWith($"The policy is {(mode == "off" ? mode : "in monitor")}", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    private static string Policy(string json)
    {
        var path = Path.ChangeExtension(Path.GetTempFileName(), ".json");
        System.IO.File.WriteAllText(path, json);
        return path;
    }

    private static string File(params string[] lines)
    {
        var path = Path.GetTempFileName();
        System.IO.File.WriteAllLines(path, lines);
        return path;
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandLine.Run(args, output, error), output.ToString(), error.ToString());
    }
}
