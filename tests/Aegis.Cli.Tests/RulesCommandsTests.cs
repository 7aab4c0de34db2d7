namespace Aegis.Cli.Tests;

/// <summary>Rule packs as files, before an app takes them.</summary>
public class RulesCommandsTests
{
    private const string Pack = """
        {"pack":"mine","version":"1","rules":[{"id":"mine/export","category":"data-exfiltration","risk":0.9,"checkpoints":["input"],"owasp":["LLM02:2025"],"atlas":["AML.T0057"],
         "keywords":["export"],"pattern":"\\bexport\\s(all|every)\\scustomers?\\b","match":["Export all customers."],"pass":["Export this customer."]}]}
        """;

    [Fact]
    public void APackThatProvesItselfIsNamed()
    {
        var file = Write(Pack);
        Assert.Equal((ExitCode.Clean, $"{file}: 1 rules, no mistakes."), Run("rules", "check", file));
    }

    [Fact]
    public void EveryMistakeIsNamedAtOnce()
    {
        var (code, output) = Run("rules", "check", Write(Pack.Replace("Export all", "Import all", StringComparison.Ordinal).Replace("this customer.", "every customer.", StringComparison.Ordinal)), Write("{"));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("rule 'mine/export', match[0]", output, StringComparison.Ordinal);
        Assert.Contains("rule 'mine/export', pass[0]", output, StringComparison.Ordinal);
        Assert.Contains("is not JSON", output, StringComparison.Ordinal);
    }

    [Fact]
    public void JudgedTextsAreCounted()
    {
        var (code, output) = Run("rules", "check", Write(Pack), "--against", Write("""
            {"id":"a","text":"Export all customers now","label":1}
            {"id":"b","text":"We export every customer's invoice","label":0}
            {"id":"c","text":"Hello","label":0}
            """));
        Assert.Equal(ExitCode.Clean, code);
        Assert.Contains("of 1 attacks and 2 harmless texts match:", output, StringComparison.Ordinal);
        Assert.Contains("mine/export: 1 attacks, 1 harmless (b)", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"a","text":"x"}""")]
    [InlineData("""{"id":"a","text":null,"label":1}""")]
    [InlineData("""{"id":"a","text":"x","label":2}""")]
    [InlineData("""{"id":"a","text":"x","label":0.5}""")]
    [InlineData("""{"id":"a","text":"x","label":"1"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void ALineThatIsNoJudgedTextIsRefused(string line)
    {
        var (code, output) = Run("rules", "check", Write(Pack), "--against", Write(line));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("line 1", output, StringComparison.Ordinal);
    }

    private static string Write(string text)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, text);
        return file;
    }

    private static (int Code, string Output) Run(params string[] words)
    {
        using var output = new StringWriter();
        return (CommandLine.Run(words, output, output), output.ToString().Trim());
    }
}
