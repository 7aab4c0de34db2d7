using Aegis.Docs.Tests;
using Aegis.Policies;
using Aegis.Scanning;
using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning;

/// <summary>Texts of everyday work in many languages, a third of them with words that attacks have (<c>corpora/harmless</c>).</summary>
public class HarmlessCorpusTests
{
    private static readonly TextScanner Scanner = TextScanner.For([.. RulePack.BuiltIn.SelectMany(static pack => pack.Rules)], new(), readsEncodings: true, PolicyCompiler.BlockLine(Sensitivity.Balanced));

    [Fact]
    public void AtMostOneInAHundredIsFlagged()
    {
        var texts = Directory.GetFiles(Path.Combine(Repository.Root, "corpora", "harmless"), "*.txt")
            .SelectMany(static file => File.ReadLines(file).Where(static line => line.Length > 0).Select(line => (File: Path.GetFileNameWithoutExtension(file), Text: line))).ToArray();
        var found = texts.AsParallel().Select(static line => (line.File, line.Text, Verdict: Scanner.Scan(line.Text, line.File == "tool-results" ? Checkpoint.ToolResult : Checkpoint.Input))).Where(static line => line.Verdict.Decision > Decision.Allow)
            .Select(static line => $"{line.File}: {line.Verdict.Rule}: {line.Text}").Order(StringComparer.Ordinal).ToArray();
        var report = string.Join("\n", found);
        TestContext.Current.TestOutputHelper!.WriteLine($"{found.Length} of {texts.Length} flagged\n{report}");
        Assert.True(texts.Length >= 1_000, $"{texts.Length} texts");
        Assert.True(found.Length * 100 <= texts.Length, $"{found.Length} of {texts.Length} flagged:\n{report}");
    }
}
