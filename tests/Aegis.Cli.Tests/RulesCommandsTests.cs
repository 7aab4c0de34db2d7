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
        Assert.Equal((ExitCode.Clean, $"{file}: 1 rule, no mistakes."), Run("rules", "check", file));
    }

    [Fact]
    public void EveryMistakeIsNamedAtOnce()
    {
        var (code, output) = Run("rules", "check", Write(Pack.Replace("Export all", "Import all", StringComparison.Ordinal).Replace("this customer.", "every customer.", StringComparison.Ordinal)), Write("{"));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(":2:85: AEG123 $.rules[0].match[0]: is not matched.", output, StringComparison.Ordinal);
        Assert.Contains(":2:118: AEG123 $.rules[0].pass[0]: is matched.", output, StringComparison.Ordinal);
        Assert.Contains("is not JSON", output, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIdThatAnotherPackHasIsRefused()
    {
        var (code, output) = Run("rules", "check", Write(Pack), Write(Pack.Replace("Export this", "Import this", StringComparison.Ordinal)), Write(Pack.Replace("mine/export", "override/ignore-previous", StringComparison.Ordinal)));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("'mine/export' is the id of a rule elsewhere", output, StringComparison.Ordinal);
        Assert.Contains("'override/ignore-previous' is the id of a rule elsewhere", output, StringComparison.Ordinal);
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
    [InlineData("""{"id":"a","text":"x"}""", ":1: 'label' is missing.")]
    [InlineData("""{"id":"a","text":null,"label":1}""", ":1: 'text' is missing.")]
    [InlineData("""{"id":"a","text":["x"],"label":1}""", ":1: 'text' is no text.")]
    [InlineData("""{"id":"a","text":"x","label":2}""", ":1: 'label' is no whole number from 0 to 1.")]
    [InlineData("""{"id":"a","text":"x","label":0.5}""", ":1: 'label' is no whole number from 0 to 1.")]
    [InlineData("""{"id":"a","text":"x","label":"1"}""", ":1: 'label' is no whole number from 0 to 1.")]
    [InlineData("[]", ":1: is no object.")]
    [InlineData("{", ":1:2: is not JSON.")]
    public void ALineThatIsNoJudgedTextIsRefused(string line, string error)
    {
        var texts = Write(line);
        var (code, output) = Run("rules", "check", Write(Pack), "--against", texts);
        Assert.Equal((ExitCode.Usage, texts + error), (code, output));
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
